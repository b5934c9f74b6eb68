"""What open streams hold of memory, in gateways of Deepgate that were started for it."""

import resource, time
from cases import closed_loop, open_loop, said
from peers import deepgate

FIRST, FEW, MANY, PER_SECOND = 500, 2500, 10_000, 500


def memory(results, up):
    """Bytes."""
    for measure in (few, many):
        try:
            results.memory |= measure(up)
            print(results.memory, flush=True)
        except Exception as e:
            results.fail("memory", measure.__name__, e)


def few(up):
    """2,500 streams with a heap of 192 MB."""
    peer = warm(up, "deepgate-192m", "192m")
    try:
        end = said(hold(peer, "few", FEW), 120)
        return {"few": {"streams": FEW, "held": end["most"], "broken": end["broken"] + end["refused"],
                        "peak": peer.resident("VmHWM")}}
    finally:
        peer.stop()


def many(up):
    """10,000 streams, or as many as a process may have files for, of which each takes two: resident, and with the first 500."""
    streams = min(MANY, (resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 500) // 2)
    peer = warm(up, "deepgate-1g", "512m")
    try:
        first = hold(peer, "many", FIRST)
        before = peer.resident()
        second = hold(peer, "many", streams - FIRST)
        after = peer.resident()
        ends = [said(load, 120) for load in (first, second)]
        return {"many": {"streams": streams, "held": sum(end["most"] for end in ends),
                         "broken": sum(end["broken"] + end["refused"] for end in ends),
                         "peak": peer.resident("VmHWM"), "per_stream": (after - before) / (streams - FIRST)}}
    finally:
        peer.stop()


def warm(up, name, heap):
    """A gateway that calls have filled the heap of before."""
    peer = deepgate(up.port, name, heap=heap)
    said(closed_loop(peer, "chat 1 KB", 8), 60)
    return peer


def hold(peer, name, streams):
    """What opens them, all of which are open now."""
    load = open_loop(peer, name, PER_SECOND, streams / PER_SECOND)
    time.sleep(streams / PER_SECOND + 4)
    return load

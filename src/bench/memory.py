"""What open streams hold of memory, in gateways of Deepgate that were started for it."""

import resource, time
from cases import closed_loop, open_loop, said
from peers import deepgate

LEAST, MORE, MANY, PER_SECOND = 500, 2000, 10_000, 700


def memory(results, up):
    """Bytes."""
    for measure in (few, many):
        try:
            results.memory |= measure(up)
            print(results.memory, flush=True)
        except Exception as e:
            results.fail("memory", measure.__name__, e)


def few(up):
    """2,500 streams with a heap of 192 MB, which calls have filled once before."""
    peer = deepgate(up.port, "deepgate-192m", heap="192m")
    try:
        said(closed_loop(peer, "chat 1 KB", 8), 60)
        first = hold(peer, "few", LEAST)
        before = peer.resident()
        second = hold(peer, "few", MORE)
        after = peer.resident()
        ends = [said(load, 90) for load in (first, second)]
        return {"few": {"streams": LEAST + MORE, "held": sum(end["most"] for end in ends),
                        "broken": sum(end["broken"] + end["refused"] for end in ends), "resident": after,
                        "peak": peer.resident("VmHWM"), "per_stream": (after - before) / MORE}}
    finally:
        peer.stop()


def many(up):
    """10,000 streams, or as many as a process may have files for, of which each takes two."""
    streams = min(MANY, (resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 500) // 2)
    peer = deepgate(up.port, "deepgate-1g", heap="512m")
    try:
        end = said(hold(peer, "many", streams), 120)
        return {"many": {"streams": streams, "held": end["most"], "broken": end["broken"] + end["refused"],
                         "peak": peer.resident("VmHWM")}}
    finally:
        peer.stop()


def hold(peer, name, streams):
    """What opens them, all of which are open now."""
    load = open_loop(peer, name, PER_SECOND, streams / PER_SECOND)
    time.sleep(streams / PER_SECOND + 3)
    return load

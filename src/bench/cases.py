"""What each peer is asked, and how the load is made."""

import json, os, subprocess, typing
from peers import HERE, KEYS_OF_ONE, TENANTS, key
from process import JAVA, WORK

WORDS = "The quick brown fox jumps over the lazy dog, and the gateway passes it on. "
TOOLS = [{"type": "function", "function": {"name": f"tool_{n}", "description": WORDS, "parameters": {
    "type": "object", "properties": {f"p{i}": {"type": "string", "description": WORDS} for i in range(8)}}}}
    for n in range(30)]


def chat(prompt_bytes, **more):
    text = (WORDS * (prompt_bytes // len(WORDS) + 1))[:prompt_bytes]
    return {"model": "deepseek-flash", **more, "messages": [
        {"role": "system", "content": "You are a helpful assistant."}, {"role": "user", "content": text}]}


def stream(events, pause):
    """So many events with so many milliseconds before each: the bench's upstream reads seed so."""
    return chat(900, stream=True, max_tokens=events, seed=pause)


class Case(typing.NamedTuple):
    """An amount of connections for wrk, or of calls begun a second by OpenLoop; of half, what is half of another case's."""

    body: dict
    amount: int = 32
    kind: str = "closed"
    keys: str = "one"
    peers: tuple = ()
    seconds: float = 0
    leave: int = 1_000_000_000
    beside: int = 0


BOTH = ("spring-cloud-gateway", "deepgate")
OURS = ("deepgate", "deepgate-shared")
ALONE = ("deepgate",)
HALF = ("direct", "spring-cloud-gateway", *OURS, "one-api")

# No peers are all of them. Streams of two seconds that begin 100 times a second are 200 open.
CASES = {
    "chat 1 KB": Case(chat(900)),
    "50 tenants": Case(chat(900), keys="50 tenants", peers=ALONE),
    "500 tenants": Case(chat(900), keys="500 tenants", peers=ALONE),
    "500 keys": Case(chat(900), keys="500 keys", peers=ALONE),
    "5,000 keys": Case(chat(900), keys="5,000 keys", peers=ALONE),
    "500 open": Case(chat(900), beside=500, peers=ALONE),
    "2,000 open": Case(chat(900), beside=2000, peers=ALONE),
    "prompt 100 KB": Case(chat(100_000), 16, peers=BOTH),
    "prompt 1 MB": Case(chat(1_000_000), 8, peers=BOTH),
    "tools": Case(chat(900, tools=TOOLS), peers=BOTH),
    "401": Case(chat(900), keys="wrong", peers=ALONE),
    "429": Case(chat(900), keys="spent", peers=ALONE),
    "200 streams": Case(stream(100, 20), 100, "open", peers=("nginx", "bare", *BOTH, "deepgate-shared", "one-api", "portkey")),
    "2,000 streams": Case(stream(30, 200), 1000, "open", seconds=2, peers=BOTH),
    "disconnects": Case(stream(100, 20), 100, "open", leave=3, peers=BOTH),
    "chat at half load": Case(chat(900), kind="half of chat 1 KB", peers=(*HALF, "portkey", "litellm")),
    "first token at half load": Case(stream(100, 20), kind="half of 200 streams", peers=HALF),
}
# Streams that something else is measured beside, or that memory is measured with.
HELD = {"held": stream(60, 4000), "few": stream(12, 1500), "many": stream(17, 2500)}


def write_inputs():
    for name, body in ({name: case.body for name, case in CASES.items()} | HELD).items():
        (WORK / f"{name}.json").write_text(json.dumps(body))
    for name, keys in {
        "one": [key(0)],
        "50 tenants": [key(t) for t in range(50)],
        "500 tenants": [key(t) for t in range(TENANTS)],
        "500 keys": [key(t, k) for t in range(TENANTS // 10) for k in range(KEYS_OF_ONE)],
        "5,000 keys": [key(t, k) for t in range(TENANTS) for k in range(KEYS_OF_ONE)],
        "wrong": ["dg-k0x0-thisisnotthekeythatisit"],
        "spent": [key("spent")],
    }.items():
        (WORK / f"{name}.keys").write_text("\n".join(keys) + "\n")


def closed_loop(peer, name, seconds):
    headers = [part for header, value in peer.headers.items() for part in ("-H", f"{header}: {value}")]
    return started(["wrk", "-t1", f"-c{CASES[name].amount}", f"-d{seconds:.0f}s", "-s", HERE / "wrk.lua", *headers,
                    f"http://127.0.0.1:{peer.port}"],
                   env={"BODY": WORK / f"{name}.json", "KEYS": WORK / f"{CASES[name].keys}.keys"})


def open_loop(peer, name, per_second, seconds, leave=1_000_000_000):
    headers = {"Authorization": f"Bearer {key(0)}"} | peer.headers
    return started([JAVA / "bin/java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", WORK / "classes",
                    "OpenLoop", peer.port, WORK / f"{name}.json", per_second, seconds, leave,
                    *(f"{header}: {value}" for header, value in headers.items())])


def started(command, env=None):
    return subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True,
                            env=os.environ | {name: str(value) for name, value in (env or {}).items()})


def said(load, seconds):
    """What a load says at its end."""
    try:
        out, _ = load.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        load.kill()
        load.wait()
        raise
    if load.returncode:
        raise subprocess.CalledProcessError(load.returncode, load.args[0])
    return json.loads(out.strip().splitlines()[-1])

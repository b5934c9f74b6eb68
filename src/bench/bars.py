"""What Deepgate is held to, beside what target/bench/results.json says of it."""

import statistics, typing

NO_GROWTH = 0.03
STEPS = {"1, 50, 500 tenants": ("chat 1 KB", "50 tenants", "500 tenants"),
         "1, 500, 5,000 keys": ("chat 1 KB", "500 keys", "5,000 keys"),
         "0, 500, 2,000 open streams": ("chat 1 KB", "500 open", "2,000 open")}


class Bar(typing.NamedTuple):
    """What is measured, what was, what is asked, and how much of what it may be it is: met up to 1."""

    what: str
    figure: str
    asked: str
    share: float

    @property
    def met(self):
        return self.share <= 1


def bars(results):
    medians, memory = results["medians"], results["memory"]

    def of(case, peer, figure):
        return medians.get(case, {}).get(peer, {}).get(figure)

    def at_most(what, most, case, figure="per_call", peer="deepgate"):
        ours, theirs = of(case, peer, figure), of(case, "spring-cloud-gateway", figure)
        if ours and theirs:
            yield Bar(f"{what}, beside Spring Cloud Gateway", f"{ours / theirs:.2f} ×", f"≤ {most} ×", ours / theirs / most)

    def times_less(peer, name, least):
        ours, theirs = of("chat 1 KB", "deepgate", "per_call"), of("chat 1 KB", peer, "per_call")
        if ours and theirs:
            yield Bar(f"1 KB call, beside {name}", f"{theirs / ours:.1f} × less", f"≥ {least} × less", least * ours / theirs)

    def first_token(percentile, name, most):
        added = of("first token at half load", "deepgate", f"added_{percentile}")
        if added is not None:
            yield Bar(f"added to the first token, half load, {name}", f"{added / 1000:.2f} ms", f"≤ {most} ms",
                      max(0, added) / 1000 / most)

    def refusal(case):
        ours, served = of(case, "deepgate", "per_call"), of("chat 1 KB", "deepgate", "per_call")
        if ours and served:
            yield Bar(f"refusing a call ({case})", f"{ours / served:.2f} × serving it", "≤ 0.4 ×", ours / served / 0.4)

    yield from at_most("1 KB call", 0.85, "chat 1 KB")
    yield from at_most("with Redis and PostgreSQL", 1.5, "chat 1 KB", peer="deepgate-shared")
    yield from at_most("streamed event", 0.9, "200 streams", "per_event")
    yield from at_most("1 MB prompt", 1.2, "prompt 1 MB")
    yield from times_less("portkey", "Portkey", 5)
    yield from times_less("litellm", "LiteLLM", 20)
    yield from times_less("one-api", "one-api (Go)", 1)
    yield from first_token("p50", "p50", 1)
    yield from first_token("p99", "p99", 5)
    yield from refusal("401")
    yield from refusal("429")
    yield from held(memory)
    yield from growth(results)


def held(memory):
    if few := memory.get("few"):
        yield Bar(f"{few['streams']:,} open streams with -Xmx192m", f"{few['held']:,} held, {few['broken']} broken", "2,000",
                  2 if few["broken"] else 2000 / max(1, few["held"]))
    if many := memory.get("many"):
        yield Bar("resident per further stream", f"{many['per_stream'] / 1024:.0f} KB", "≤ 40 KB", many["per_stream"] / 40960)
        whole = many["held"] == many["streams"] and not many["broken"]
        yield Bar(f"{many['held']:,} open streams, {many['broken']} broken", f"{many['peak'] / 2**20:,.0f} MB at most",
                  "10,000 in 1 GB", many["peak"] * 10_000 / many["held"] / 2**30 if whole else 2)


def growth(results):
    """Lines through what a call costs at each step; and over the run, through what it cost after so many calls served."""
    for what, cases in STEPS.items():
        runs = [results["runs"].get(case, {}).get("deepgate", []) for case in cases]
        if all(runs):
            costs = [statistics.median(run["per_call"] for run in of) for of in runs]
            yield line(f"growth by step: {what}", [*enumerate(costs)], 1, f" ({', '.join(f'{cost:.0f}' for cost in costs)} µs)")
    runs = results["runs"].get("chat 1 KB", {}).get("deepgate", [])
    if len(runs) > 1:
        served = runs[-1]["served"] - runs[0]["served"]
        yield line(f"growth over {served:,} calls served", [(run["served"], run["per_call"]) for run in runs], served)


def line(what, points, step, more=""):
    share = statistics.linear_regression(*zip(*points)).slope * step / statistics.mean(cost for _, cost in points)
    return Bar(what, f"{100 * share:+.1f} %{more}", f"≤ {100 * NO_GROWTH:.0f} %", max(0, share) / NO_GROWTH)

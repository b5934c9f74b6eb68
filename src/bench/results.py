"""What was measured, on what, and with what."""

import datetime, json, os, pathlib, re, shutil, statistics, subprocess
from peers import HERE, LITELLM, ONE_API, UNSERVED
from process import JAVA, ROOT, WORK


class Results:
    """What was measured; written as it comes."""

    def __init__(self):
        self.runs, self.absent, self.failed, self.memory, self.about = {}, {}, {}, {}, about()

    def medians(self):
        all_ = {case: {name: {figure: statistics.median(run[figure] for run in runs if figure in run) for figure in runs[0]}
                       for name, runs in of.items()} for case, of in self.runs.items()}
        for of in all_.values():
            for name, figures in of.items():
                if "direct" in of and name != "direct":
                    figures |= {f"added_{p}": figures[p] - of["direct"][p] for p in ("p50", "p99", "p999")}
        return all_

    def write(self):
        (WORK / "results.json").write_text(json.dumps({
            "about": self.about, "medians": self.medians(), "memory": self.memory, "absent": self.absent,
            "failed": self.failed, "runs": self.runs}, indent=1))

    def fail(self, case, peer, error):
        self.failed.setdefault(case, {})[peer] = f"{type(error).__name__}: {error}"
        print(f"failed: {case}, {peer}: {self.failed[case][peer]}", flush=True)


def about():
    """Date, machine and versions."""
    model = next((line.split(":")[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), "")
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {"date": str(datetime.date.today()), "machine": f"{os.cpu_count()} cores of {model}, {gib:.0f} GiB".replace(" of ,", ","),
            "unserved": UNSERVED, "versions": {
                "Deepgate": said("git", "rev-parse", "--short", "HEAD"),
                "Java": number(said(JAVA / "bin/java", "-version")), "nginx": number(said("nginx", "-v")),
                "wrk": number(said("wrk", "-v")),
                "Spring Cloud": re.search(r"cloud-dep.*?<version>(.*?)<", (HERE / "gateway/pom.xml").read_text(), re.S)[1],
                "Redis": number(said("redis-server", "--version")), "PostgreSQL": number(said("psql", "--version")),
                "one-api": ONE_API, "Portkey": number((HERE / "portkey/package.json").read_text()), "LiteLLM": LITELLM}}


def said(command, *options):
    """The first line of what a program says, if there is such a program."""
    if not shutil.which(command):
        return ""
    done = subprocess.run([command, *options], capture_output=True, text=True, cwd=ROOT)
    return ((done.stdout or done.stderr).splitlines() or [""])[0]


def number(text):
    return re.search(r"\d+(\.\d+)+|$", text)[0]

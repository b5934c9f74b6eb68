"""A started program, and what it uses."""

import contextlib, os, pathlib, re, signal, socket, subprocess, time

ROOT = pathlib.Path(__file__).parent.parent.parent
WORK = ROOT / "target/bench"
JAVA = pathlib.Path(subprocess.run([ROOT / ".ci/jdk"], capture_output=True, text=True, check=True).stdout.strip())
OPTIONS = (ROOT / "src/image/jvm.options").read_text().splitlines()
# Without the cache, and without the thresholds that only the profiles in it make up for.
FLAGS = [o for o in OPTIONS if o.startswith("-") and "AOTCache" not in o and "CompileThreshold" not in o] + [
    "--enable-native-access=ALL-UNNAMED"]
TICK = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


class Peer:
    """A started program: its port, and what it and its children have used."""

    def __init__(self, name, port, command, env=None, heap=None):
        self.name, self.port, self.headers, self.others, self.served = name, port, {}, [], 0
        self.folder = WORK / name
        (self.folder / "tmp").mkdir(parents=True, exist_ok=True)
        self.log = self.folder / "gc.log"
        if heap:
            command = [JAVA / "bin/java", f"-Xmx{heap}", f"-Xlog:gc:file={self.log}", *FLAGS, *command]
        with open(self.folder / "out.log", "w") as out:
            self.process = subprocess.Popen(
                [str(part) for part in command], cwd=self.folder, stdout=out, stderr=out, env=os.environ | (env or {}),
                start_new_session=True)

    def ready(self, seconds=90):
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            time.sleep(0.1)
        self.stop()
        raise OSError(f"{self.name} does not start: see {self.folder / 'out.log'}")

    def _processes(self):
        group = str(os.getpgid(self.process.pid))
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                fields = stat.read_text().rpartition(")")[2].split()
                if fields[2] == group:
                    yield stat.parent, fields

    def cpu(self):
        """Seconds of processor time, user and system."""
        return sum(int(fields[11]) + int(fields[12]) for _, fields in self._processes()) / TICK

    def resident(self, what="VmRSS"):
        """Bytes; the most there ever were, as VmHWM."""
        total = 0
        for process, _ in self._processes():
            with contextlib.suppress(OSError, TypeError):  # it has ended
                total += int(re.search(rf"{what}:\s+(\d+)", (process / "status").read_text())[1]) * 1024
        return total

    def allocated(self):
        """Bytes of garbage so far, as the collector's log tells; None where it is no JVM."""
        if not self.log.exists():
            return None
        total = after = 0
        for b, a in re.findall(r"Pause \S+.* (\d+)M->(\d+)M", self.log.read_text()):
            total += max(0, int(b) - after)
            after = int(a)
        return total << 20

    def stop(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        for other in self.others:
            other.stop()

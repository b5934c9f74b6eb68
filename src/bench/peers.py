"""What is measured: each peer is started on a free port before the same upstream, and asked for its processor time."""

import contextlib, hashlib, json, os, pathlib, re, shutil, signal, socket, subprocess, time

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
WORK = ROOT / "target/bench"
JAVA = pathlib.Path(subprocess.run([ROOT / ".ci/jdk"], capture_output=True, text=True, check=True).stdout.strip())
OPTIONS = (ROOT / "src/image/jvm.options").read_text().splitlines()
FLAGS = [o for o in OPTIONS if o.startswith("-") and "AOTCache" not in o] + ["--enable-native-access=ALL-UNNAMED"]
LIBS = WORK / "deepgate-jar/lib/*"
TICK = os.sysconf("SC_CLK_TCK")
TENANTS, KEYS_OF_ONE = 500, 10


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def key(tenant, number=0):
    return f"dg-k{tenant}x{number}-onlyforthebench"


class Peer:
    """A started program: its port, and what it and its children have used."""

    def __init__(self, name, port, command, env=None, heap=None):
        self.name, self.port, self.headers, self.others = name, port, {}, []
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
        raise SystemExit(f"bench: {self.name} does not start: see {self.folder / 'out.log'}")

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

    def resident(self):
        """Bytes."""
        total = 0
        for process, _ in self._processes():
            with contextlib.suppress(OSError):
                total += int(re.search(r"VmRSS:\s+(\d+)", (process / "status").read_text())[1]) * 1024
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


def nginx(name, conf, **words):
    port = free_port()
    text = (HERE / conf).read_text().replace("PORT", str(port), 1)
    for word, value in words.items():
        text = text.replace(word.upper(), str(value))
    folder = WORK / name
    (folder / "tmp").mkdir(parents=True, exist_ok=True)
    (folder / "nginx.conf").write_text(text)
    return Peer(name, port, ["nginx", "-p", folder, "-e", folder / "nginx.log", "-c", folder / "nginx.conf",
                             "-g", "daemon off; user root;" if os.getuid() == 0 else "daemon off;"]).ready()


def upstream():
    return nginx("upstream", "upstream.conf")


def plain(up):
    return nginx("nginx", "nginx.conf", upstream=up)


def bare(up):
    port = free_port()
    return Peer("bare", port, ["-cp", f"{WORK / 'classes'}:{LIBS}", "BareProxy", port, up], heap="512m").ready()


def cloud(up):
    """Spring Cloud Gateway."""
    jar = WORK / "gateway/gateway.jar"
    if not jar.exists():
        subprocess.run(["mvn", "-B", "-ntp", "-q", "-f", HERE / "gateway/pom.xml", f"-DbuildDirectory={WORK}", "package"],
                       check=True, env=os.environ | {"JAVA_HOME": str(JAVA)})
        jar.parent.mkdir(exist_ok=True)
        shutil.move(HERE / "gateway/target/gateway.jar", jar)
        shutil.rmtree(HERE / "gateway/target")
        extract(jar, WORK / "gateway-jar")
    port = free_port()
    return Peer("spring-cloud-gateway", port,
                ["-jar", WORK / "gateway-jar/gateway.jar", f"--server.port={port}", f"--upstream={up}"], heap="512m").ready()


def extract(jar, folder):
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([JAVA / "bin/java", "-Djarmode=tools", "-jar", jar, "extract", "--destination", folder], check=True,
                   stdout=subprocess.DEVNULL)


def prepare():
    """Unpacks the jar, and compiles what is not in it."""
    extract(ROOT / "target/deepgate.jar", WORK / "deepgate-jar")
    subprocess.run([JAVA / "bin/javac", "-cp", LIBS, "-d", WORK / "classes", *HERE.glob("*.java")], check=True)


def tenants_file():
    """500 tenants of 10 keys, one that the cases of one key use, and one whose minute is always spent."""
    def tenant(name, keys, limits):
        return {"id": name, "limits": limits, "keys": [
            {"id": k.split("-")[1], "sha256": hashlib.sha256(k.encode()).hexdigest()} for k in keys]}
    wide = {"requests-per-minute": 100_000_000, "tokens-per-minute": 10_000_000_000, "concurrent-requests": 1_000_000}
    all_tenants = [tenant(f"team-{t}", [key(t, k) for k in range(KEYS_OF_ONE)], wide) for t in range(TENANTS)]
    all_tenants.append(tenant("spent", [key("spent")], {"requests-per-minute": 1}))
    path = WORK / "tenants.yaml"
    path.write_text(json.dumps({"tenants": all_tenants}))
    return path


def deepgate(up, name="deepgate", heap="512m", extra=()):
    """With everything on: authentication, limits, breakers, request rules, metering, ledger, meters."""
    shutil.rmtree(WORK / name, ignore_errors=True)
    port = free_port()
    return Peer(name, port, ["-jar", WORK / "deepgate-jar/deepgate.jar", f"--server.port={port}",
                             "--server.address=127.0.0.1", "--management.server.port=0", "--gateway.catalog.slug-check=0s",
                             f"--gateway.access.tenants-file={tenants_file()}",
                             f"--gateway.catalog.upstreams.deepseek.base-url=http://127.0.0.1:{up}",
                             "--gateway.catalog.upstreams.deepseek.api-key=sk-bench",
                             "--gateway.catalog.upstreams.deepseek.concurrency.deepseek-flash=100000",
                             "--gateway.forward.max-connections=32768", "--gateway.admission.capacity.calls=100000",
                             "--gateway.admission.capacity.lateness=0s",
                             *extra], heap=heap).ready()


def shared(up):
    """Deepgate with Redis and PostgreSQL."""
    redis, database = free_port(), free_port()
    others = [Peer("redis", redis, ["redis-server", "--port", redis, "--save", "", "--bind", "127.0.0.1"]).ready()]
    folder = WORK / "postgres"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    bin_ = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
    user = []
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
        user = ["runuser", "-u", "postgres", "--"]
    subprocess.run([*user, bin_ / "initdb", "-D", folder / "data", "-A", "trust", "-U", "postgres"], check=True,
                   stdout=subprocess.DEVNULL, cwd="/")
    others.append(Peer("postgres", database, [*user, bin_ / "postgres", "-D", folder / "data", "-p", database,
                                              "-k", folder, "-h", "127.0.0.1"]).ready())
    time.sleep(1)
    peer = deepgate(up, "deepgate-shared", extra=[
        "--gateway.admission.store=redis", "--spring.data.redis.host=127.0.0.1", f"--spring.data.redis.port={redis}",
        f"--spring.datasource.url=jdbc:postgresql://127.0.0.1:{database}/postgres",
        "--spring.datasource.username=postgres", "--spring.datasource.password="])
    peer.others = others
    return peer


def portkey(up):
    folder = WORK / "portkey"
    if not (folder / "node_modules").exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / "portkey/package.json", folder)
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund"], cwd=folder, check=True)
    port = free_port()
    peer = Peer("portkey", port, ["node", folder / "node_modules/@portkey-ai/gateway/build/start-server.js", "--headless",
                                  f"--port={port}"], env={"NODE_ENV": "production"}).ready()
    peer.headers = {"x-portkey-provider": "openai", "x-portkey-custom-host": f"http://127.0.0.1:{up}/v1"}
    return peer


def litellm(up):
    folder = WORK / "litellm"
    python = folder / "venv/bin"
    if not (python / "litellm").exists():
        subprocess.run(["python3", "-m", "venv", folder / "venv"], check=True)
        subprocess.run([python / "pip", "install", "-q", "litellm[proxy]==1.108.7"], check=True)
    port = free_port()
    config = {"model_list": [{"model_name": "deepseek-flash", "litellm_params": {
        "model": "openai/deepseek-flash", "api_base": f"http://127.0.0.1:{up}/v1", "api_key": "sk-bench"}}],
        "general_settings": {"master_key": key(0)}}
    (folder / "config.yaml").write_text(json.dumps(config))
    return Peer("litellm", port, [python / "litellm", "--config", folder / "config.yaml", "--port", port, "--host",
                                  "127.0.0.1", "--telemetry", "False"], env={"LITELLM_LOG": "ERROR"}).ready(180)


ALL = {"nginx": plain, "bare": bare, "spring-cloud-gateway": cloud, "deepgate": deepgate, "deepgate-shared": shared,
       "portkey": portkey, "litellm": litellm}

"""What is measured: each peer is started on a free port before the same upstream."""

import hashlib, json, os, pathlib, resource, shutil, subprocess, time, urllib.request
from process import JAVA, ROOT, WORK, Peer, free_port

HERE = pathlib.Path(__file__).parent
LIBS = WORK / "deepgate-jar/lib/*"
TENANTS, KEYS_OF_ONE = 500, 10
LITELLM, ONE_API = "1.108.7", "0.6.10"
UNSERVED = ("Bifrost", "GoModel")  # modules that Go could not download


def key(tenant, number=0):
    return f"dg-k{tenant}x{number}-onlyforthebench"


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
    """What all are started before, and what an open loop asks directly too."""
    return nginx("direct", "upstream.conf")


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
    """Unpacks the jar, compiles what is not in it, and lets what is started here have as many files as it may."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
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


def postgres(name):
    port, folder = free_port(), WORK / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    bin_ = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
    user = []
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
        user = ["runuser", "-u", "postgres", "--"]
    subprocess.run([*user, bin_ / "initdb", "-D", folder / "data", "-A", "trust", "-U", "postgres"], check=True,
                   stdout=subprocess.DEVNULL, cwd="/")
    started = Peer(name, port, [*user, bin_ / "postgres", "-D", folder / "data", "-p", port, "-k", folder,
                                "-h", "127.0.0.1"]).ready()
    time.sleep(1)
    return started


def shared(up):
    """Deepgate with Redis and PostgreSQL."""
    redis, database = free_port(), postgres("postgres")
    others = [database, Peer("redis", redis, ["redis-server", "--port", redis, "--save", "", "--bind", "127.0.0.1"]).ready()]
    peer = deepgate(up, "deepgate-shared", extra=[
        "--gateway.admission.store=redis", "--spring.data.redis.host=127.0.0.1", f"--spring.data.redis.port={redis}",
        f"--spring.datasource.url=jdbc:postgresql://127.0.0.1:{database.port}/postgres",
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


def litellm_folder():
    folder = WORK / "litellm"
    if not (folder / "venv/bin/litellm").exists():
        subprocess.run(["python3", "-m", "venv", folder / "venv"], check=True)
        subprocess.run([folder / "venv/bin/pip", "install", "-q", f"litellm[proxy]=={LITELLM}"], check=True)
    return folder


def litellm(up):
    folder = litellm_folder()
    port = free_port()
    config = {"model_list": [{"model_name": "deepseek-flash", "litellm_params": {
        "model": "openai/deepseek-flash", "api_base": f"http://127.0.0.1:{up}/v1", "api_key": "sk-bench"}}],
        "general_settings": {"master_key": key(0)}}
    (folder / "config.yaml").write_text(json.dumps(config))
    return Peer("litellm", port, [folder / "venv/bin/litellm", "--config", folder / "config.yaml", "--port", port, "--host",
                                  "127.0.0.1", "--telemetry", "False"], env={"LITELLM_LOG": "ERROR"}).ready(180)


def one_api(up):
    """Written in Go; with PostgreSQL, its cache and its batches, and the tokenizer's tables, which it would fetch, of LiteLLM."""
    folder = WORK / "one-api"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "one-api").exists():
        (folder / "go.mod").write_text(f"module bench\n\ngo 1.21\n\nrequire github.com/songquanpeng/one-api v{ONE_API}\n")
        subprocess.run(["go", "build", "-mod=mod", "-o", "one-api", "github.com/songquanpeng/one-api"], cwd=folder, check=True)
    tables = next(litellm_folder().glob("venv/lib/*/site-packages/litellm/litellm_core_utils/tokenizers"))
    port, database = free_port(), postgres("one-api-postgres")
    try:
        peer = Peer("one-api", port, [folder / "one-api", "--log-dir", folder / "logs"], env={
            "PORT": str(port), "SQL_DSN": f"postgres://postgres@127.0.0.1:{database.port}/postgres?sslmode=disable",
            "TIKTOKEN_CACHE_DIR": str(tables), "MEMORY_CACHE_ENABLED": "true", "SYNC_FREQUENCY": "5",
            "BATCH_UPDATE_ENABLED": "true", "INITIAL_ROOT_TOKEN": "benchbench", "INITIAL_ROOT_ACCESS_TOKEN": "benchbench"})
        peer.others = [database]
        peer.ready()
        urllib.request.urlopen(urllib.request.Request(
            f"http://127.0.0.1:{port}/api/channel/", headers={"Authorization": "benchbench", "Content-Type": "application/json"},
            data=json.dumps({"type": 1, "name": "bench", "key": "sk-bench", "base_url": f"http://127.0.0.1:{up}",
                             "models": "deepseek-flash", "group": "default"}).encode())).close()
    except BaseException:
        database.stop()
        raise
    peer.headers = {"Authorization": "Bearer sk-benchbench"}
    time.sleep(6)  # until it has read its channels again
    return peer


ALL = {"nginx": plain, "bare": bare, "spring-cloud-gateway": cloud, "deepgate": deepgate, "deepgate-shared": shared,
       "one-api": one_api, "portkey": portkey, "litellm": litellm}

"""Elasticsearch 9, the core build from Maven Central; needs Java 21, Maven, and not to be root."""

import os
import shutil
import zipfile
from pathlib import Path

from process import answers_http, as_user, find_java, install, launch, need, wait_until

VERSION = "9.3.2"

_CONFIG = """discovery.type: single-node
network.host: 127.0.0.1
http.port: {port}
transport.port: {transport}
xpack.security.enabled: false
path.data: {run}/data
path.logs: {run}/logs
node.store.allow_mmap: false
cluster.routing.allocation.disk.threshold_enabled: false
"""


def start(root: Path, port: int) -> dict[str, object]:
    """Install once, start on `port` with empty data, and return address and process id."""
    java_home = find_java(21)
    base = root / f"elasticsearch-{VERSION}"
    home = base / f"elasticsearch-{VERSION}"
    if not (base / "installed").exists():
        _install(base)
    run = root / "run" / f"elasticsearch-{port}"
    config = run / "config"
    for folder in (run / "data", run / "logs", run / "tmp"):
        folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(home / "config", config, dirs_exist_ok=True)
    heap = config / "jvm.options.d" / "heap.options"
    heap.write_text("-Xms512m\n-Xmx512m\n")
    text = _CONFIG.format(port=port, transport=port + 100, run=run)
    (config / "elasticsearch.yml").write_text(text)
    if os.geteuid() == 0:
        for path in (run, *run.rglob("*")):
            shutil.chown(path, "nobody", "nogroup")
    log = run / "stdout.log"
    env = {
        "ES_JAVA_HOME": java_home,
        "ES_PATH_CONF": str(config),
        "ES_TMPDIR": str(run / "tmp"),
        "HOME": str(run),
    }
    command = [*as_user("nobody"), str(home / "bin" / "elasticsearch")]
    process = launch(command, log=log, cwd=run, env=env)
    url = f"http://127.0.0.1:{port}"
    health = f"{url}/_cluster/health?wait_for_status=yellow&timeout=1s"
    wait_until(lambda: answers_http(health), process, log=log, patience_s=180)
    return {"address": url, "pid": process.pid}


def _install(base: Path) -> None:
    maven = need("mvn")
    base.mkdir(parents=True, exist_ok=True)
    artifact = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{VERSION}:zip"
    copy = ["dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={base}"]
    install([maven, "-q", "-B", *copy], cwd=base)
    archive = base / f"elasticsearch-{VERSION}.zip"
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(base)
        for entry in packed.infolist():
            mode = entry.external_attr >> 16
            if mode:
                (base / entry.filename).chmod(mode & 0o777)
    archive.unlink()
    (base / "installed").touch()

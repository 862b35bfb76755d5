"""Kafka 4 (KRaft, one node) from Maven Central's jars; needs Java 17 and Maven."""

import socket
import subprocess
from pathlib import Path

from process import find_java, install, launch, need, wait_until

VERSION = "4.3.1"

_POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>local</groupId><artifactId>broker</artifactId><version>1</version><dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId>
<version>{VERSION}</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId>
<version>1.7.36</version></dependency></dependencies></project>
"""

_PROPERTIES = """process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={data}
num.partitions=3
offsets.topic.num.partitions=3
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
"""


def start(root: Path, port: int) -> dict[str, object]:
    """Install once, start on `port` with empty data, and return address and process id."""
    java = f"{find_java(17)}/bin/java"
    home = root / f"kafka-{VERSION}"
    if not (home / "installed").exists():
        maven = need("mvn")
        home.mkdir(parents=True, exist_ok=True)
        (home / "pom.xml").write_text(_POM)
        copy = "dependency:copy-dependencies"
        install([maven, "-q", "-B", copy, f"-DoutputDirectory={home}/lib"], cwd=home)
        (home / "installed").touch()
    run = root / "run" / f"kafka-{port}"
    run.mkdir(parents=True, exist_ok=True)
    config, log = run / "server.properties", run / "kafka.log"
    config.write_text(_PROPERTIES.format(port=port, controller=port + 1, data=run / "data"))
    base = [java, "-Xms256m", "-Xmx512m", "-cp", f"{home}/lib/*"]
    storage = [java, "-cp", f"{home}/lib/*", "kafka.tools.StorageTool"]
    identity = subprocess.run(
        [*storage, "random-uuid"], capture_output=True, text=True, check=True
    ).stdout.strip()
    install([*storage, "format", "-t", identity, "-c", str(config)], cwd=run)
    process = launch([*base, "kafka.Kafka", str(config)], log=log, cwd=run)
    wait_until(lambda: _listens(port), process, log=log, patience_s=90)
    return {"address": f"127.0.0.1:{port}", "pid": process.pid}


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0

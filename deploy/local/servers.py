"""Fetch, start, check and stop real Kafka, Elasticsearch, PostgreSQL and Mailpit, no containers.

    python deploy/local/servers.py start [NAME ...]    # what its run-time is found for
    python deploy/local/servers.py status [--json]
    python deploy/local/servers.py stop

Needs only the standard library. Everything is kept by version below ASKWATCH_SERVERS_DIR
(default ~/.cache/askwatch/servers), listens on 127.0.0.1 on a free port and is stopped by its
process id. People, tests and continuous integration use this one script.
"""

import argparse
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import elasticsearch_server
import kafka_server
import mailpit_server
import postgres_server
from process import MissingRuntimeError, StartError, is_alive

SERVERS = {
    "postgres": postgres_server,
    "kafka": kafka_server,
    "elasticsearch": elasticsearch_server,
    "mailpit": mailpit_server,
}


def root_dir() -> Path:
    """Return the folder that holds installations, data and the state file."""
    default = Path.home() / ".cache" / "askwatch" / "servers"
    if os.geteuid() == 0 and "ASKWATCH_SERVERS_DIR" not in os.environ:
        # Elasticsearch and PostgreSQL refuse root and run as another user, who must get there.
        default = Path("/var/cache/askwatch/servers")
    return Path(os.environ.get("ASKWATCH_SERVERS_DIR", default))


def read_state(root: Path) -> dict[str, Any]:
    """Return what was started, by name."""
    path = root / "state.json"
    return json.loads(path.read_text()) if path.exists() else {}


def running(root: Path) -> dict[str, Any]:
    """Return the servers of the state file whose process is alive."""
    return {name: entry for name, entry in read_state(root).items() if is_alive(entry["pid"])}


def start(names: list[str]) -> int:
    """Start the servers that are not running; return 1 when one with a run-time fails."""
    root = root_dir()
    root.mkdir(parents=True, exist_ok=True)
    state = running(root)
    failed = False
    for name in names:
        if name in state:
            print(f"{name}: already running at {state[name]['address']}")
            continue
        began = time.monotonic()
        try:
            server = SERVERS[name]
            port = free_port()
            entry = server.start(root, port)
        except MissingRuntimeError as error:
            print(f"{name}: left out ({error})")
            continue
        except StartError as error:
            print(f"{name}: FAILED ({error})", file=sys.stderr)
            failed = True
            continue
        state[name] = entry
        (root / "state.json").write_text(json.dumps(state, indent=1))
        print(f"{name}: {entry['address']} (after {time.monotonic() - began:.0f} s)", flush=True)
    return int(failed)


def stop(names: list[str]) -> int:
    """Stop the named servers by process id and wait until they are gone."""
    root = root_dir()
    state = read_state(root)
    for name in names:
        entry = state.pop(name, None)
        if entry and is_alive(entry["pid"]):
            _end(int(str(entry["pid"])), signal.Signals(entry.get("stop_signal", signal.SIGTERM)))
            print(f"{name}: stopped")
    if root.exists():
        (root / "state.json").write_text(json.dumps(state, indent=1))
    return 0


def status(*, as_json: bool) -> int:
    """Print what runs."""
    state = running(root_dir())
    if as_json:
        print(json.dumps(state))
        return 0
    for name in SERVERS:
        entry = state.get(name)
        print(f"{name}: {entry['address'] if entry else 'not running'}")
    return 0


def free_port() -> int:
    """Return a port whose two neighbours are free as well (Kafka and Elasticsearch want more)."""
    for _ in range(50):
        with socket.socket() as first:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
        if all(_is_free(port + shift) for shift in (0, 1, 100)):
            return port
    raise StartError("no free port found")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
    return True


def _end(pid: int, gentle: signal.Signals) -> None:
    for sign, patience_s in ((gentle, 15.0), (signal.SIGKILL, 5.0)):
        try:
            os.kill(pid, sign)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + patience_s
        while is_alive(pid) and time.monotonic() < deadline:
            time.sleep(0.1)


def main() -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=("start", "stop", "status"))
    parser.add_argument("names", nargs="*", help=f"of {', '.join(SERVERS)}; default all")
    parser.add_argument("--json", action="store_true", help="status as JSON")
    given = parser.parse_args()
    unknown = set(given.names) - set(SERVERS)
    if unknown:
        parser.error(f"no such server: {', '.join(sorted(unknown))}")
    names = given.names or list(SERVERS)
    commands: dict[str, Callable[[], int]] = {
        "start": lambda: start(names),
        "stop": lambda: stop(names),
        "status": lambda: status(as_json=given.json),
    }
    return commands[given.command]()


if __name__ == "__main__":
    sys.exit(main())

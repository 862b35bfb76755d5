"""PostgreSQL from the machine's own package (15 or newer), with fresh data and no durability."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from process import MissingRuntimeError, as_user, launch, wait_until

_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    # Throw-away data: tests want speed, not survival of a power cut.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}


def start(root: Path, port: int) -> dict[str, object]:
    """Make a cluster, start it on `port`, and return address and process id."""
    tools = _find_tools()
    run = root / "run" / f"postgres-{port}"
    run.mkdir(parents=True, exist_ok=True)
    owner = "postgres" if _has_user("postgres") else "nobody"
    if os.geteuid() == 0:
        shutil.chown(run, owner)
    run.chmod(0o755)
    data, log = run / "data", run / "postgres.log"
    prefix = as_user(owner)
    make = [str(tools / "initdb"), "-D", str(data), "-U", "askwatch", "--auth=trust", "-E", "UTF8"]
    subprocess.run(
        [*prefix, *make, "--locale=C.UTF-8", "--no-sync"], cwd=run, check=True, capture_output=True
    )
    options = {**_OPTIONS, "port": str(port), "unix_socket_directories": str(run)}
    flags = [flag for name, value in options.items() for flag in ("-c", f"{name}={value}")]
    process = launch([*prefix, str(tools / "postgres"), "-D", str(data), *flags], log=log, cwd=run)
    ready = [str(tools / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    wait_until(lambda: subprocess.call(ready) == 0, process, log=log, patience_s=60)
    address = f"postgresql://askwatch@127.0.0.1:{port}/postgres"
    # Not SIGTERM: that would wait for clients to leave.
    return {"address": address, "pid": process.pid, "stop_signal": int(signal.SIGINT)}


def _find_tools() -> Path:
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name)
    )
    on_path = shutil.which("postgres")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    for folder in reversed(folders):
        if all((folder / tool).exists() for tool in ("initdb", "postgres", "pg_isready")):
            return folder
    raise MissingRuntimeError("needs the server programs of PostgreSQL 15 or newer")


def _has_user(name: str) -> bool:
    import pwd

    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True

"""Makes the processes of `askwatch up`: forked from one that has loaded what all of them share.

A fork server of the standard library stands behind it. Eight interpreters that each load the same
libraries need twice the time to be ready and several times the memory.
"""

import multiprocessing
import os
import sys
import threading
from collections.abc import Mapping
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from prometheus_client.multiprocess import mark_process_dead

from askwatch.cli.run import run_process
from askwatch.errors import AskwatchError
from askwatch.settings import Settings

# Every process writes its metrics into files there; the API's /metrics shows the sum.
METRICS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_LOG_LIMIT_BYTES = 20 * 2**20


class Nursery:
    """Starts processes by name, each with a log file of its own."""

    def __init__(self, *, environment: Mapping[str, str], log_dir: Path, metrics_dir: Path) -> None:
        self._environment, self._log_dir = dict(environment), log_dir
        self._metrics_dir = _empty_folder(metrics_dir)
        # Read by the Prometheus client where it is loaded: in the fork server, before all others.
        os.environ[METRICS_VARIABLE] = str(self._metrics_dir)
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["askwatch.cli.preload"])

    def start(self, name: str) -> ForkServerProcess:
        """Start the process `name` and return it at once."""
        path = self.log_path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > _LOG_LIMIT_BYTES:
            path.replace(path.with_suffix(".old.log"))
        process = self._context.Process(
            target=_live, args=(name, self._environment, str(path)), name=name
        )
        process.start()
        return process

    def bury(self, pid: int) -> None:
        """Take a process that has died out of the gauges that add up living ones."""
        mark_process_dead(pid, str(self._metrics_dir))  # type: ignore[no-untyped-call]  # half typed

    def log_path(self, name: str) -> Path:
        """Return where a process writes its log."""
        return self._log_dir / f"{name}.log"


def _empty_folder(folder: Path) -> Path:
    """Make the folder, without what processes of an earlier start left in it."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.db"):
        path.unlink()
    return folder


def _live(name: str, environment: Mapping[str, str], log_path: str) -> None:
    # Ctrl-C on the terminal is for the supervisor alone, which then stops all in order.
    os.setsid()
    with Path(log_path).open("ab", buffering=0) as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    os.environ.update(environment)
    orphaned = threading.Event()
    threading.Thread(target=_watch_parent, args=(orphaned,), name="parent", daemon=True).start()
    try:
        run_process(name, Settings.load(), stop=orphaned)
    except AskwatchError as error:
        sys.stderr.write(f"askwatch {name}: {error}\n")
        sys.exit(1)


def _watch_parent(orphaned: threading.Event) -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        orphaned.set()

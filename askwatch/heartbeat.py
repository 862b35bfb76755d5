"""Says every few seconds that a process is alive and how it does."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import JsonValue

from askwatch.clock import Clock
from askwatch.errors import RetryableError
from askwatch.observe import HEARTBEAT
from askwatch.state.engine import Database, Transaction
from askwatch.state.processes import ProcessRow, put_process

log = logging.getLogger(__name__)

# `askwatch status` calls a process lost after three missed beats.
INTERVAL_S = 5.0


def instance_name(name: str) -> str:
    """Return what this process calls itself: stage, machine and process id."""
    return f"{name}-{socket.gethostname()}-{os.getpid()}"[:80]


class Heartbeat:
    """A background thread that writes the process's row; use as a context manager."""

    def __init__(
        self,
        name: str,
        *,
        database: Database,
        clock: Clock,
        stats: Callable[[], Mapping[str, JsonValue]],
    ) -> None:
        self._name, self._database, self._clock, self._stats = name, database, clock, stats
        self._started_at = clock.now()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._beat("running")
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stop.set()
        self._thread.join(timeout=INTERVAL_S)
        self._beat("stopped")

    def _run(self) -> None:
        while not self._stop.wait(INTERVAL_S):
            self._beat("running")

    def _beat(self, state: str) -> None:
        now = self._clock.now()
        HEARTBEAT.labels(process=self._name).set(now.timestamp())
        row = ProcessRow(
            instance=instance_name(self._name),
            name=self._name,
            host=socket.gethostname()[:120],
            pid=os.getpid(),
            state=state,
            started_at=self._started_at,
            beat_at=now,
            stats={**self._stats(), "memory_mb": memory_mb()},
        )

        def write(transaction: Transaction) -> None:
            put_process(transaction, row)

        try:
            self._database.write(write)
        except RetryableError as error:
            # The next beat tries again; a missing one is what the alarm looks for.
            log.warning("heartbeat not written", extra={"reason": str(error)})


def memory_mb() -> float:
    """Return this process's resident memory in MiB (0.0 where the system does not tell)."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0.0
    for line in lines:
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) / 1024, 1)
    return 0.0

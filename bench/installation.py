"""Runs `askwatch up` on prepared back ends, as a person would."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from askwatch.backends import Backends
from askwatch.clock import Clock
from askwatch.events import EVENTS, LEADS, POSTS
from askwatch.state import outbox, processes
from bench.drain import DrainError

_READY_PATIENCE_S = 120.0
_STOP_PATIENCE_S = 40.0
_LOOK_S = 0.1
_READERS = ((POSTS, "nlp"), (LEADS, "router"), (EVENTS, "index"))
# A stage may hold a batch between two streams: so many looks with nothing behind are believed.
_QUIET_LOOKS = 5


class Installation:
    """All processes of one installation; a context manager that is ready once entered."""

    def __init__(self, backends: Backends, *, clock: Clock) -> None:
        self._backends, self._clock = backends, clock
        self._out = backends.settings.data_dir / "up.log"

    def __enter__(self) -> "Installation":
        with self._out.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "askwatch", "up"],
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def pid(self) -> int:
        return self._process.pid

    def names(self) -> dict[int, str]:
        """Return the name of every process by its number."""
        rows = self._backends.database.read(processes.list_processes)
        return {row.pid: row.name for row in rows}

    def wait_until_idle(self, *, patience_s: float) -> float:
        """Return the monotonic time since which nothing waits any more on the way.

        Raises:
            DrainError: Something still waits after `patience_s`.
        """
        deadline_s, quiet, since_s = self._clock.monotonic() + patience_s, 0, 0.0
        while quiet < _QUIET_LOOKS:
            now_s = self._clock.monotonic()
            if now_s > deadline_s:
                raise DrainError("the whole way did not come to an end in time")
            if self._is_idle():
                since_s = since_s if quiet else now_s
                quiet += 1
            else:
                quiet = 0
            self._clock.sleep(_LOOK_S)
        return since_s

    def _is_idle(self) -> bool:
        bus, database = self._backends.bus, self._backends.database
        # In the order of the way, so that what moves on meanwhile is met later.
        if any(bus.lag(stream, group=group).records for stream, group in _READERS[:2]):
            return False
        if database.read(outbox.count_unsent):
            return False
        stream, group = _READERS[2]
        return bus.lag(stream, group=group).records == 0

    def _wait_until_ready(self) -> None:
        deadline_s = self._clock.monotonic() + _READY_PATIENCE_S
        while b"ready after" not in self._out.read_bytes():
            if self._process.poll() is not None or self._clock.monotonic() > deadline_s:
                said = self._out.read_text(encoding="utf-8", errors="replace")
                raise DrainError(f"askwatch up was not ready: {said[-2000:]}")
            self._clock.sleep(_LOOK_S)

    def _environment(self) -> dict[str, str]:
        values = self._backends.settings.model_dump(mode="json", exclude_none=True)
        values |= {"port": _free_port(), "log_level": "WARNING"}
        own = {f"ASKWATCH_{name.upper()}": str(value) for name, value in values.items()}
        root = str(Path(__file__).resolve().parent.parent)
        return {**os.environ, **own, "PYTHONPATH": root}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

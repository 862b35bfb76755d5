"""Runs `askwatch up` on prepared back ends, as a person would."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from askwatch.backends import Backends
from askwatch.cli.run import PROCESS_NAMES
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

    def __init__(self, backends: Backends, *, clock: Clock, beside: Sequence[str] = ()) -> None:
        """`beside` are processes that run on top of those of `askwatch up`."""
        self._backends, self._clock, self._beside = backends, clock, tuple(beside)
        self._out = backends.settings.data_dir / "up.log"
        self._started: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "Installation":
        try:
            self._start("up")
            self._wait_until(lambda: b"ready after" in self._out.read_bytes())
            for name in self._beside:
                self._start("run", name)
            count = len(PROCESS_NAMES) + len(self._beside)
            self._wait_until(lambda: len(self.names()) == count)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        for process in self._started:
            process.send_signal(signal.SIGTERM)
        for process in self._started:
            try:
                process.wait(_STOP_PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @property
    def pids(self) -> list[int]:
        """Return the processes that were started, those of `askwatch up` below the first."""
        return [process.pid for process in self._started]

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

    def _start(self, *arguments: str) -> None:
        with self._out.open("ab") as out:
            self._started.append(
                subprocess.Popen(
                    [sys.executable, "-m", "askwatch", *arguments],
                    env=self._environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            )

    def _wait_until(self, is_ready: Callable[[], bool]) -> None:
        deadline_s = self._clock.monotonic() + _READY_PATIENCE_S
        while not is_ready():
            has_ended = any(process.poll() is not None for process in self._started)
            if has_ended or self._clock.monotonic() > deadline_s:
                said = self._out.read_text(encoding="utf-8", errors="replace")
                raise DrainError(f"Askwatch was not ready: {said[-2000:]}")
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

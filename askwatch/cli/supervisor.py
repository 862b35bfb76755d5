"""Starts every process as a child, starts it again when it dies, and stops all at the end."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from askwatch.cli.run import SUPERVISED_VARIABLE
from askwatch.clock import Clock

LOOK_S = 0.2
# Doubled at each death, so that a process that cannot live does not burn the machine.
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0
# Who lived so long has recovered: the next pause is short again.
_HEALTHY_AFTER_S = 60.0
_LOG_LIMIT_BYTES = 20 * 2**20


@dataclass(slots=True)
class Child:
    """One process and how often it was started again."""

    name: str
    process: subprocess.Popen[bytes]
    started_at: float
    pause_s: float = _FIRST_PAUSE_S
    again_at: float | None = None
    restarts: int = field(default=0)


class Supervisor:
    """Keeps children alive; a crash of one never touches another."""

    # Longer than any process needs to finish its batch.
    stop_patience_s = 12.0

    def __init__(
        self,
        names: Sequence[str],
        *,
        environment: Mapping[str, str],
        log_dir: Path,
        clock: Clock,
        say: Callable[[str], None],
    ) -> None:
        self._names, self._clock, self._say = names, clock, say
        self._environment = {**os.environ, **environment, SUPERVISED_VARIABLE: "1"}
        self._log_dir = log_dir
        self.children: dict[str, Child] = {}

    def start(self) -> None:
        """Start every child; returns at once."""
        self._log_dir.mkdir(parents=True, exist_ok=True)
        for name in self._names:
            self.children[name] = Child(name, self._launch(name), self._clock.monotonic())

    def run(self, stop: threading.Event) -> None:
        """Watch the children until `stop` is set."""
        while not stop.wait(LOOK_S):
            self.look()

    def look(self) -> None:
        """Look at every child once, and start again whose pause is over."""
        now_s = self._clock.monotonic()
        for child in self.children.values():
            if child.again_at is not None:
                if now_s >= child.again_at:
                    child.process, child.started_at = self._launch(child.name), now_s
                    child.again_at = None
                    child.restarts += 1
            elif child.process.poll() is not None:
                self._plan_restart(child, now_s)

    def command(self, name: str) -> list[str]:
        """Return what runs the process `name`."""
        return [sys.executable, "-m", "askwatch", "run", name]

    def stop(self) -> None:
        """Ask all children to stop, wait, and kill who does not."""
        for child in self.children.values():
            _end_input(child)
            with contextlib.suppress(ProcessLookupError):
                child.process.send_signal(signal.SIGTERM)
        deadline_s = self._clock.monotonic() + self.stop_patience_s
        for child in self.children.values():
            try:
                child.process.wait(timeout=max(0.1, deadline_s - self._clock.monotonic()))
            except subprocess.TimeoutExpired:
                self._say(f"{child.name} did not stop in time and was killed")
                child.process.kill()
                child.process.wait()

    def _plan_restart(self, child: Child, now_s: float) -> None:
        if now_s - child.started_at > _HEALTHY_AFTER_S:
            child.pause_s = _FIRST_PAUSE_S
        _end_input(child)
        child.again_at = now_s + child.pause_s
        self._say(
            f"{child.name} ended ({_describe_end(child.process.returncode)}) and starts again in "
            f"{child.pause_s:g} s; its log: {self._log_path(child.name)}"
        )
        child.pause_s = min(child.pause_s * 2, _LONGEST_PAUSE_S)

    def _launch(self, name: str) -> subprocess.Popen[bytes]:
        path = self._log_path(name)
        if path.exists() and path.stat().st_size > _LOG_LIMIT_BYTES:
            path.replace(path.with_suffix(".old.log"))
        with path.open("ab") as output:
            return subprocess.Popen(  # noqa: S603 - our own interpreter and module
                self.command(name),
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C on the terminal is for the supervisor alone, which then stops all in order.
                start_new_session=True,
            )

    def _log_path(self, name: str) -> Path:
        return self._log_dir / f"{name}.log"


def _end_input(child: Child) -> None:
    if child.process.stdin is not None:
        child.process.stdin.close()


def _describe_end(code: int) -> str:
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"

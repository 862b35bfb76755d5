"""Starts every process as a child, starts it again when it dies, and stops all at the end."""

import contextlib
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from askwatch.clock import Clock

LOOK_S = 0.2
# Doubled at each death, so that a process that cannot live does not burn the machine.
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0
# Who lived so long has recovered: the next pause is short again.
_HEALTHY_AFTER_S = 60.0


class ChildProcess(Protocol):
    """What is asked of a started process; `multiprocessing.Process` is one."""

    @property
    def pid(self) -> int | None: ...
    @property
    def exitcode(self) -> int | None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...
    def join(self, timeout: float | None = None) -> None: ...


@dataclass(slots=True)
class Child:
    """One process and how often it was started again."""

    name: str
    process: ChildProcess
    started_at: float
    pause_s: float = _FIRST_PAUSE_S
    again_at: float | None = None
    restarts: int = 0


class Supervisor:
    """Keeps children alive; a crash of one never touches another."""

    # Longer than any process needs to finish its batch.
    stop_patience_s = 12.0

    def __init__(
        self,
        names: Sequence[str],
        *,
        start: Callable[[str], ChildProcess],
        bury: Callable[[int], None] = lambda _pid: None,
        clock: Clock,
        say: Callable[[str], None],
    ) -> None:
        self._names, self._start, self._bury = names, start, bury
        self._clock, self._say = clock, say
        self.children: dict[str, Child] = {}

    def start(self) -> None:
        """Start every child; returns at once."""
        for name in self._names:
            self.children[name] = Child(name, self._start(name), self._clock.monotonic())

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
                    child.process, child.started_at = self._start(child.name), now_s
                    child.again_at = None
                    child.restarts += 1
            elif child.process.exitcode is not None:
                self._plan_restart(child, child.process.exitcode, now_s)

    def stop(self) -> None:
        """Ask all children to stop, wait, and kill who does not."""
        for child in self.children.values():
            with contextlib.suppress(ProcessLookupError):
                child.process.terminate()
        deadline_s = self._clock.monotonic() + self.stop_patience_s
        for child in self.children.values():
            child.process.join(max(0.1, deadline_s - self._clock.monotonic()))
            if child.process.exitcode is None:
                self._say(f"{child.name} did not stop in time and was killed")
                child.process.kill()
                child.process.join()

    def _plan_restart(self, child: Child, code: int, now_s: float) -> None:
        if now_s - child.started_at > _HEALTHY_AFTER_S:
            child.pause_s = _FIRST_PAUSE_S
        child.again_at = now_s + child.pause_s
        if child.process.pid is not None:
            self._bury(child.process.pid)
        self._say(
            f"{child.name} ended ({_describe_end(code)}) and starts again in {child.pause_s:g} s"
        )
        child.pause_s = min(child.pause_s * 2, _LONGEST_PAUSE_S)


def _describe_end(code: int) -> str:
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"

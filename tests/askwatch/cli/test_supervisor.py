"""Children are started, started again when they die, and stopped in order."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from askwatch.cli.supervisor import ChildProcess, Supervisor
from askwatch.clock import SystemClock

NAMES = ("relay", "timers")
PATIENT = "import time; time.sleep(60)"
STUBBORN = (
    "import signal, sys, time; signal.signal(15, signal.SIG_IGN); "
    "open(sys.argv[1], 'w').close(); time.sleep(60)"
)


class Script:
    """A small script in place of a real process."""

    def __init__(self, code: str, *arguments: str) -> None:
        self._process = subprocess.Popen([sys.executable, "-c", code, *arguments])

    @property
    def pid(self) -> int | None:
        return self._process.pid

    @property
    def exitcode(self) -> int | None:
        return self._process.poll()

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()

    def join(self, timeout: float | None = None) -> None:
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return


def make(start: Callable[[str], ChildProcess]) -> tuple[Supervisor, list[str]]:
    said: list[str] = []
    return Supervisor(NAMES, start=start, clock=SystemClock(), say=said.append), said


def test_children_end_when_asked() -> None:
    supervisor, said = make(lambda _name: Script(PATIENT))
    supervisor.start()
    assert [child.process.exitcode for child in supervisor.children.values()] == [None, None]
    supervisor.stop()
    codes = [child.process.exitcode for child in supervisor.children.values()]
    assert codes == [-signal.SIGTERM, -signal.SIGTERM]
    assert said == []


def test_a_child_that_dies_is_started_again_and_the_others_live_on() -> None:
    supervisor, said = make(lambda _name: Script(PATIENT))
    supervisor.start()
    other = supervisor.children["timers"].process.pid
    supervisor.children["relay"].process.kill()
    for _ in range(100):
        supervisor.look()
        if supervisor.children["relay"].restarts:
            break
        threading.Event().wait(0.05)
    assert supervisor.children["timers"].process.pid == other
    assert supervisor.children["relay"].process.exitcode is None
    assert said == ["relay ended (killed by SIGKILL) and starts again in 0.5 s"]
    assert supervisor.children["relay"].pause_s == 1.0
    supervisor.stop()


def test_who_does_not_stop_is_killed(tmp_path: Path) -> None:
    supervisor, said = make(lambda name: Script(STUBBORN, str(tmp_path / name)))
    supervisor.stop_patience_s = 0.3
    supervisor.start()
    for name in NAMES:
        while not (tmp_path / name).exists():
            threading.Event().wait(0.05)
    supervisor.stop()
    assert said == [f"{name} did not stop in time and was killed" for name in NAMES]

"""Children are started, started again when they die, and stopped in order."""

import signal
import sys
import threading
from pathlib import Path

from askwatch.cli.supervisor import Supervisor
from askwatch.clock import SystemClock

NAMES = ("relay", "timers")


class Script(Supervisor):
    """Runs small scripts instead of the real processes."""

    code = "import sys; sys.stdin.read()"

    def command(self, name: str) -> list[str]:
        return [sys.executable, "-c", self.code]


class Stubborn(Script):
    """Ignores being asked."""

    code = (
        "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); "
        "time.sleep(60)"
    )
    stop_patience_s = 0.5


def make(kind: type[Script], folder: Path) -> tuple[Script, list[str]]:
    said: list[str] = []
    made = kind(NAMES, environment={}, log_dir=folder, clock=SystemClock(), say=said.append)
    return made, said


def look_until(supervisor: Supervisor, restarts: int) -> None:
    for _ in range(100):
        supervisor.look()
        if supervisor.children["relay"].restarts >= restarts:
            return
        threading.Event().wait(0.05)
    raise AssertionError("it was not started again")


def test_children_end_when_asked(tmp_path: Path) -> None:
    supervisor, said = make(Script, tmp_path)
    supervisor.start()
    assert [child.process.poll() for child in supervisor.children.values()] == [None, None]
    supervisor.stop()
    codes = [child.process.poll() for child in supervisor.children.values()]
    assert all(code in {0, -signal.SIGTERM} for code in codes)
    assert said == []


def test_a_child_that_dies_is_started_again_and_the_others_live_on(tmp_path: Path) -> None:
    supervisor, said = make(Script, tmp_path)
    supervisor.start()
    other = supervisor.children["timers"].process.pid
    supervisor.children["relay"].process.kill()
    look_until(supervisor, 1)
    assert supervisor.children["timers"].process.pid == other
    assert "relay ended (killed by SIGKILL) and starts again in 0.5 s" in said[0]
    assert supervisor.children["relay"].pause_s == 1.0
    supervisor.stop()


def test_who_does_not_stop_is_killed(tmp_path: Path) -> None:
    supervisor, said = make(Stubborn, tmp_path)
    supervisor.start()
    for name in NAMES:
        while "up" not in (tmp_path / f"{name}.log").read_text():
            threading.Event().wait(0.05)
    supervisor.stop()
    assert said == [f"{name} did not stop in time and was killed" for name in NAMES]


def test_a_long_log_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "relay.log"
    path.write_bytes(b"x" * (20 * 2**20 + 1))
    supervisor, _said = make(Script, tmp_path)
    supervisor.start()
    supervisor.stop()
    assert path.stat().st_size < 1000
    assert (tmp_path / "relay.old.log").exists()

"""Starts one server process in the background and waits until it answers."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen


class MissingRuntimeError(Exception):
    """What the server needs (Java, Go, ...) is not on this machine."""


class StartError(Exception):
    """The server should have started and did not."""


def is_alive(pid: object) -> bool:
    """Tell whether a process with this id exists and is no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        try:
            os.kill(int(str(pid)), 0)
        except (OSError, ValueError):
            return False
        return not Path("/proc/self").exists()
    return stat.rpartition(")")[2].split()[0] != "Z"


def launch(
    command: Sequence[str], *, log: Path, cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, its output in `log`."""
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def wait_until(
    answers: Callable[[], bool], process: subprocess.Popen[bytes], *, log: Path, patience_s: float
) -> None:
    """Return when `answers()` holds.

    Raises:
        StartError: The process ended, or the time is over; with the log's last lines.
    """
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if answers():
            return
        if process.poll() is not None:
            break
        time.sleep(0.2)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
    raise StartError(f"no answer, see {log}:\n{tail}")


def answers_http(url: str) -> bool:
    """Tell whether `url` answers with a status below 400."""
    try:
        with urlopen(url, timeout=2) as response:
            return bool(response.status < 400)
    except (URLError, OSError):
        return False


def find_java(minimum: int) -> str:
    """Return JAVA_HOME of the newest installed Java that is at least `minimum`.

    Raises:
        MissingRuntimeError: There is none.
    """
    homes = [os.environ.get("JAVA_HOME", ""), *map(str, Path("/usr/lib/jvm").glob("*"))]
    on_path = shutil.which("java")
    if on_path:
        homes.append(str(Path(on_path).resolve().parent.parent))
    versions = {home: _java_version(home) for home in dict.fromkeys(homes) if home}
    fitting = [home for home, version in versions.items() if version >= minimum]
    if not fitting:
        raise MissingRuntimeError(f"needs Java {minimum} or newer")
    return max(fitting, key=versions.__getitem__)


def need(tool: str) -> str:
    """Return the path of `tool`, or raise MissingRuntimeError."""
    path = shutil.which(tool)
    if path is None:
        raise MissingRuntimeError(f"needs {tool}")
    return path


def install(command: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None) -> None:
    """Run an installer and raise StartError with its last words when it fails."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StartError((done.stderr or done.stdout)[-800:])


def as_user(name: str) -> list[str]:
    """Return the prefix that runs a command as `name` when we are root; nothing otherwise."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={name}", f"--regid={_group(name)}", "--clear-groups"]


def _group(name: str) -> str:
    import grp
    import pwd

    return grp.getgrgid(pwd.getpwnam(name).pw_gid).gr_name


def _java_version(home: str) -> int:
    java = Path(home) / "bin" / "java"
    if not java.exists():
        return 0
    said = subprocess.run([str(java), "-version"], capture_output=True, text=True, check=False)
    version = said.stderr.partition('"')[2].partition('"')[0]
    first = version.split(".")[0].split("-")[0]
    return int(first) if first.isdigit() else 0

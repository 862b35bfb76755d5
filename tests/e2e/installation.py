"""A whole Askwatch in child processes, with the few handles that a test needs."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import httpx
import orjson

T = TypeVar("T")

READY_S = 90.0
STEP_S = 60.0


class Installation:
    """`askwatch up` on a folder of its own; use as a context manager."""

    def __init__(self, folder: Path, company: str, environment: Mapping[str, str]) -> None:
        self.folder, self.port = folder, _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._company = folder / "company.toml"
        self._company.write_text(company, encoding="utf-8")
        self._environment = {
            **os.environ,
            "ASKWATCH_DATA_DIR": str(folder / "data"),
            "ASKWATCH_PORT": str(self.port),
            "ASKWATCH_ALLOW_PRIVATE_ADDRESSES": "true",
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Installation":
        with (self.folder / "up.log").open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "askwatch", "up", "--company", str(self._company)],
                env=self._environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            self.wait_for("ready", lambda: "ready after" in self.said(), patience_s=READY_S)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=60)
            sys.stdout.write(self.said())  # pytest shows it where a test failed

    def said(self) -> str:
        """Return everything that was printed on the terminal."""
        return (self.folder / "up.log").read_text(encoding="utf-8", errors="replace")

    def askwatch(self, *arguments: str) -> str:
        """Run a command on this installation and return what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "askwatch", *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(self.askwatch("status", "--json"))
        return found

    def api(self, role: str, *, expert: str | None = None) -> httpx.Client:
        """Return a client with a fresh API key."""
        name = ("--expert", expert) if expert else ()
        key = self.askwatch("keys", "create", "--role", role, *name).strip()
        return httpx.Client(
            base_url=f"{self.url}/api/v1", headers={"Authorization": f"Bearer {key}"}, timeout=30
        )

    def kill(self, name: str) -> None:
        """Kill the process `name` with SIGKILL, as a power cut would."""
        pids = [
            each["instance"].rpartition("-")[2]
            for each in self.status()["processes"]
            if each["name"] == name and each["state"] == "running"
        ]
        alive = [int(pid) for pid in pids if Path(f"/proc/{pid}").exists()]
        assert alive, f"{name} does not run"
        for pid in alive:
            os.kill(pid, signal.SIGKILL)

    def wait_for(self, what: str, look: Callable[[], T | None], *, patience_s: float = STEP_S) -> T:
        """Return what `look` finds, as soon as it is true."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            found = look()
            if found:
                return found
            assert self._process is None or self._process.poll() is None, self.said()
            time.sleep(0.2)  # noqa: TID251 - other processes need real time
        raise AssertionError(f"{what}: not within {patience_s:.0f} s\n{self.said()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""Finds the real servers that `make servers` started; tests share one of each."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "deploy" / "local" / "servers.py"


@dataclass(frozen=True)
class Mailpit:
    """Where to send mail to, and where to read it back."""

    smtp_url: str
    api_url: str


def find_servers() -> dict[str, dict[str, str]]:
    """Return what runs now, by name."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "status", "--json"],
        capture_output=True,
        check=True,
        timeout=30,
    )
    found: dict[str, dict[str, str]] = orjson.loads(done.stdout)
    return found


def require(what: str, found: str | None, *, remedy: str = "start it with 'make servers'") -> str:
    """Return `found`; without it the test is left out, or fails where servers are required."""
    if found:
        return found
    message = f"{what} is not there: {remedy}"
    if os.environ.get("ASKWATCH_REQUIRE_SERVERS") == "1":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)

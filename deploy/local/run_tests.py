"""The test command: starts the servers that can be started, runs pytest, says what was left out."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def main() -> int:
    """Return pytest's exit code; servers that this call started are stopped again."""
    script = [sys.executable, str(HERE / "servers.py")]
    before = _running(script)
    started = subprocess.run([*script, "start"], check=False).returncode
    running = _running(script)
    is_required = os.environ.get("ASKWATCH_REQUIRE_SERVERS") == "1"
    missing = {"postgres", "kafka", "elasticsearch", "mailpit"} - running
    if missing:
        print(f"left out, no run-time found: {', '.join(sorted(missing))}", flush=True)
    if is_required and (missing or started):
        print("ASKWATCH_REQUIRE_SERVERS=1: every server must be there", file=sys.stderr)
        return 1
    command = [sys.executable, "-m", "pytest", "-q", "-n", os.environ.get("WORKERS", "auto")]
    arguments = sys.argv[1:]
    if not arguments and not missing:
        # The floor holds only where every server runs.
        arguments = ["--cov", "--cov-report=term:skip-covered", "--cov-fail-under=90"]
    try:
        return subprocess.call([*command, *arguments], cwd=ROOT)
    finally:
        to_stop = sorted(running - before)
        if to_stop:
            subprocess.run([*script, "stop", *to_stop], check=False, stdout=subprocess.DEVNULL)


def _running(script: list[str]) -> set[str]:
    import json

    said = subprocess.run([*script, "status", "--json"], capture_output=True, check=True)
    return set(json.loads(said.stdout))


if __name__ == "__main__":
    sys.exit(main())

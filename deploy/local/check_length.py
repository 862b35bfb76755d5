"""Refuses source files above 400 lines: such a room must be split."""

import subprocess
import sys
from pathlib import Path

LIMIT = 400


def main() -> int:
    """Print files that are too long and return 1 when there are any."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.py"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    long = [
        (count, name)
        for name in listed
        if Path(name).exists()
        and (count := len(Path(name).read_text(encoding="utf-8").splitlines())) > LIMIT
    ]
    for count, name in sorted(long, reverse=True):
        print(f"{name}: {count} lines, at most {LIMIT}: split it", file=sys.stderr)
    return int(bool(long))


if __name__ == "__main__":
    sys.exit(main())

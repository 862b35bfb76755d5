"""Names of group members on the embedded bus, which say whose process they are.

All of them use one file, so nearly always one machine: a killed process is noticed at once
instead of after its session.
"""

import os
import socket
from pathlib import Path
from uuid import uuid4

_SEPARATOR = "|"


def new_member() -> str:
    """Return a fresh name: machine, process id, when that process began, and a random part."""
    parts = (socket.gethostname(), str(os.getpid()), _birth(os.getpid()), uuid4().hex)
    return _SEPARATOR.join(parts)


def is_surely_dead(member: str) -> bool:
    """Tell whether the process of `member` ran on this machine and is gone.

    False where that cannot be known: another machine, or a system without /proc.
    """
    parts = member.split(_SEPARATOR)
    if len(parts) != 4 or parts[0] != socket.gethostname() or not parts[2]:
        return False
    return _birth(int(parts[1])) != parts[2]


def _birth(pid: int) -> str:
    """Return when a process began, in the system's ticks; "" when there is none or it is dead."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # The name in brackets may hold anything; fields are counted behind it (proc(5)).
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in {"Z", "X"} else fields[19]

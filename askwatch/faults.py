"""Named crash points: fault tests kill a process with SIGKILL exactly where it hurts."""

import os
import signal

CRASH_VARIABLE = "ASKWATCH_CRASH_AT"


def crash_point(name: str) -> None:
    """Die at once, as in a power cut, when the environment asks for it at `name`."""
    if os.environ.get(CRASH_VARIABLE) == name:
        os.kill(os.getpid(), signal.SIGKILL)

"""What every long-running process of Askwatch offers to whoever starts it."""

import threading
from collections.abc import Mapping
from typing import Protocol

from pydantic import JsonValue


class Process(Protocol):
    """One loop: built ready to run, told to stop by an event."""

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set, finish or leave what is begun, and release what is held."""
        ...

    def stats(self) -> Mapping[str, JsonValue]:
        """Return what the heartbeat tells, e.g. records handled and lag; called by its thread."""
        ...

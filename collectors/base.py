"""What every reader of a source promises to the stage."""

from typing import Protocol

from askwatch.state.sources import SourceRow


class Reader(Protocol):
    """Reads one source while its lease is held; a change of the source makes a new one."""

    def tick(self, row: SourceRow) -> None:
        """Begin whatever is due; called about every second and returns at once."""
        ...

    def stop(self) -> None:
        """End what is under way; nothing is written for the source after it returns."""
        ...

"""What commands show while they work, and how they write what they found."""

from pathlib import Path

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from askwatch.errors import ConfigurationError


def show_progress() -> Progress:
    """Return a bar that is gone when the work is done."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, transient=True)


def write_file(path: Path, content: bytes) -> None:
    """Write a file, with its folder where that is missing.

    Raises:
        ConfigurationError: It cannot be written there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written: {error.strerror}") from error

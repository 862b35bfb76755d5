"""Options that many commands share, and the settings they lead to."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from askwatch.backends import Backends, opened, prepare
from askwatch.clock import SystemClock
from askwatch.errors import ConfigurationError
from askwatch.settings import Settings

DataOption = Annotated[
    Path | None, typer.Option("--data", help="Data folder of the embedded back ends.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def load_settings(data: Path | None, **overrides: object) -> Settings:
    """Return the settings of the environment with the options on top."""
    return Settings.load(data_dir=data, **overrides)


@contextmanager
def backends_of(data: Path | None) -> Iterator[Backends]:
    """Open the back ends, with an up-to-date schema, for one command.

    Raises:
        ConfigurationError: The data folder holds nothing yet.
    """
    clock, settings = SystemClock(), load_settings(data)
    if settings.state_url == "sqlite" and not (settings.data_dir / "state.db").exists():
        raise ConfigurationError(
            f"there is no Askwatch in {settings.data_dir.resolve()} yet: start it with "
            "'askwatch up', or name its folder with --data"
        )
    with opened(settings, clock=clock) as backends:
        prepare(backends, clock=clock)
        yield backends

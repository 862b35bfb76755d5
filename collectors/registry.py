"""Which reader stands behind each kind of source; a new kind is one more line here."""

from pydantic import JsonValue

from askwatch.bus.base import Bus
from askwatch.clock import Clock
from askwatch.model.source import Source, SourceKind
from askwatch.settings import Settings
from askwatch.state.engine import Database
from collectors.base import Reader
from collectors.intake import Intake
from collectors.replay_source import ReplayReader


class Registry:
    """Makes readers, and owns what they share."""

    def __init__(
        self, *, intake: Intake, database: Database, bus: Bus, settings: Settings, clock: Clock
    ) -> None:
        self._intake, self._database, self._bus = intake, database, bus
        self._settings, self._clock = settings, clock

    def open(self, source: Source) -> Reader:
        """Return a reader of `source`; it does nothing before its first tick."""
        if source.kind is SourceKind.REPLAY:
            return ReplayReader(source, intake=self._intake, bus=self._bus, clock=self._clock)
        raise NotImplementedError

    def stats(self) -> dict[str, JsonValue]:
        return {}

    def close(self) -> None:
        """Release what readers share; all of them are stopped before."""

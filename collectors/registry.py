"""Which reader stands behind each kind of source; a new kind is one more line here."""

from concurrent.futures import ThreadPoolExecutor

from pydantic import JsonValue

from askwatch.bus.base import Bus
from askwatch.clock import Clock
from askwatch.model.source import Source, SourceKind
from askwatch.settings import Settings
from askwatch.state.engine import Database
from collectors.base import Reader
from collectors.crawler import WebCrawler
from collectors.feed_reader import FeedReader
from collectors.hand_in_post import HandInPosts
from collectors.hand_in_source import HandInReader
from collectors.intake import Intake
from collectors.replay_source import ReplayReader
from collectors.settings import DELAY_S

# Answers that are parsed and written at once; more would only wait for each other.
_WORKERS = 4


class Registry:
    """Makes readers, and owns what they share: the crawler, and threads for its answers."""

    def __init__(
        self,
        *,
        intake: Intake,
        database: Database,
        bus: Bus,
        settings: Settings,
        clock: Clock,
        delay_s: float = DELAY_S,
    ) -> None:
        self._intake, self._database, self._bus, self._clock = intake, database, bus, clock
        self._crawler = WebCrawler(settings, clock=clock, delay_s=delay_s)
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="answers")
        self._opened = 0

    def open(self, source: Source) -> Reader:
        """Return a reader of `source`; it does nothing before its first tick."""
        self._opened += 1
        match source.kind:
            case SourceKind.FEED:
                return FeedReader(
                    source,
                    fetch=self._crawler.fetch,
                    pool=self._pool,
                    intake=self._intake,
                    clock=self._clock,
                )
            case SourceKind.HAND_IN:
                return HandInReader(
                    fetch=self._crawler.fetch,
                    pool=self._pool,
                    database=self._database,
                    posts=HandInPosts(
                        database=self._database, intake=self._intake, clock=self._clock
                    ),
                    clock=self._clock,
                )
            case SourceKind.REPLAY:
                return ReplayReader(source, intake=self._intake, bus=self._bus, clock=self._clock)

    def stats(self) -> dict[str, JsonValue]:
        """Return what the heartbeat tells of the readers."""
        return {"readers_opened": self._opened}

    def close(self) -> None:
        """Release what readers share; all of them are stopped before."""
        self._crawler.close()
        self._pool.shutdown(wait=True, cancel_futures=True)

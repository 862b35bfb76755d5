"""Runs scrapy beside the plain loop of the stage: one thread, one event loop, one spider."""

import asyncio
import logging
import threading

from scrapy.crawler import AsyncCrawlerRunner

from askwatch.clock import Clock
from askwatch.errors import BackendUnavailableError
from askwatch.settings import Settings
from collectors.fetch import Fetch
from collectors.settings import DELAY_S, make_scrapy_settings
from collectors.spiders.web import OVER, WebSpider

log = logging.getLogger(__name__)

_START_S = 20.0
# Downloads are cut off at once; a host's pace may hold a request back a little longer.
_STOP_S = 10.0
# These say what stands in the source's row already.
_QUIET = ("scrapy.core.downloader.handlers", "scrapy.downloadermiddlewares.httpcompression")


class WebCrawler:
    """Reads addresses for all readers of a process. Thread-safe; starts with the first fetch."""

    def __init__(self, settings: Settings, *, clock: Clock, delay_s: float = DELAY_S) -> None:
        self._settings, self._clock, self._delay_s = settings, clock, delay_s
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._line_up: asyncio.Queue[Fetch | None] | None = None
        self._is_over: asyncio.Event | None = None
        self._is_ready = threading.Event()

    def fetch(self, fetch: Fetch) -> None:
        """Read an address in the background; `fetch.done` gets the outcome.

        Raises:
            BackendUnavailableError: The crawler does not start.
        """
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._start()
            self._put(fetch)

    def close(self) -> None:
        """End the crawler; what is under way ends with an error of reason "crawler"."""
        with self._lock:
            thread, self._thread = self._thread, None
            if thread is None or not thread.is_alive():
                return
            self._put(None)
            thread.join(_STOP_S)
            if thread.is_alive():
                log.error("crawler does not end", extra={"waited_s": _STOP_S})

    def _start(self) -> None:
        self._is_ready.clear()
        self._thread = threading.Thread(target=self._run, name="crawler", daemon=True)
        self._thread.start()
        if not self._is_ready.wait(_START_S):
            raise BackendUnavailableError("crawler", f"not started within {_START_S:g} s")

    def _put(self, fetch: Fetch | None) -> None:
        loop, line_up, is_over = self._loop, self._line_up, self._is_over
        if loop is None or line_up is None or is_over is None:
            raise BackendUnavailableError("crawler", "not started")
        try:
            if fetch is None:
                loop.call_soon_threadsafe(is_over.set)
            loop.call_soon_threadsafe(line_up.put_nowait, fetch)
        except RuntimeError as error:
            raise BackendUnavailableError("crawler", "it has just ended") from error

    def _run(self) -> None:
        for name in _QUIET:
            logging.getLogger(name).setLevel(logging.ERROR)
        asyncio.run(self._crawl())

    async def _crawl(self) -> None:
        line_up, is_over = asyncio.Queue[Fetch | None](), asyncio.Event()
        self._loop, self._line_up, self._is_over = asyncio.get_running_loop(), line_up, is_over
        runner = AsyncCrawlerRunner(make_scrapy_settings(self._settings, delay_s=self._delay_s))
        crawler = runner.create_crawler(WebSpider)
        crawl = runner.crawl(
            crawler,
            line_up=line_up,
            is_over=is_over,
            clock=self._clock,
            allow_private=self._settings.allow_private_addresses,
        )
        self._is_ready.set()
        try:
            await crawl
        finally:
            if isinstance(crawler.spider, WebSpider):
                crawler.spider.give_up()
            _refuse_rest(line_up)


def _refuse_rest(line_up: "asyncio.Queue[Fetch | None]") -> None:
    """Tell whoever still waits that nothing will come."""
    while not line_up.empty():
        fetch = line_up.get_nowait()
        if fetch is not None:
            fetch.done(OVER)

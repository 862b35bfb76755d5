"""Asks each host's robots.txt first, and asks again after a while (RFC 9309).

A host without one allows everything; one whose robots.txt cannot be had at the moment (a server
error, no connection) allows nothing until it can.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK

from collectors.fetch import FetchError
from collectors.politeness import RefusedFetchError
from collectors.settings import PRODUCT
from collectors.spiders.web import FAULTS, NO_HOST, explain, spider_of

_KEPT = timedelta(hours=12)
_KEPT_UNREACHABLE = timedelta(minutes=10)
# RFC 9309 asks to read at least this much of it.
_SIZE_LIMIT_BYTES = 512 * 1024


@dataclass(frozen=True, slots=True)
class _Rules:
    parsed: Protego | None  # None: the host could not say
    until: datetime


class Robots:
    """A downloader middleware that refuses what a host's robots.txt forbids."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler, self._clock = crawler, spider_of(crawler).clock
        self._rules: dict[str, _Rules] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if request.meta.get("is_robots"):
            return
        parts = urlsplit(request.url)
        place = f"{parts.scheme}://{parts.netloc}/robots.txt"
        async with self._locks[place]:
            rules = self._rules.get(place)
            if rules is None or rules.until <= self._clock.now():
                timeout_s = request.meta["download_timeout"]
                rules = self._rules[place] = await self._read(place, timeout_s)
        if rules.parsed is None:
            text = f"{place} cannot be read at the moment, so nothing else is read there"
            raise RefusedFetchError(FetchError("robots", text, retry_at=rules.until))
        if not rules.parsed.can_fetch(request.url, PRODUCT):
            raise RefusedFetchError(FetchError("robots", f"{place} forbids reading this address"))

    async def _read(self, place: str, timeout_s: float) -> _Rules:
        request = Request(
            place,
            callback=NO_CALLBACK,
            meta={
                "is_robots": True,
                "download_maxsize": _SIZE_LIMIT_BYTES,
                "download_timeout": timeout_s,
            },
        )
        now = self._clock.now()
        try:
            response = await self._crawler.engine.download_async(request)
        except RefusedFetchError:
            raise
        except IgnoreRequest:
            # Endless redirects, or a file beyond the limit: as if there were none.
            return _Rules(Protego.parse(""), now + _KEPT)
        except NO_HOST as error:
            # Nothing to do with robots.txt: the address itself would end the same way.
            raise RefusedFetchError(explain(error, request)) from error
        except FAULTS:
            return _Rules(None, now + _KEPT_UNREACHABLE)
        if response.status == 429 or response.status >= 500:
            return _Rules(None, now + _KEPT_UNREACHABLE)
        text = response.body.decode("utf-8-sig", "replace") if response.status == 200 else ""
        return _Rules(Protego.parse(text), now + _KEPT)

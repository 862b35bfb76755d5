"""Leaves a host alone for as long as it asked: Retry-After on 429 and 503."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from askwatch.clock import Clock
from collectors.fetch import FetchError
from collectors.spiders.web import WebSpider, spider_of

_STATUSES = (429, 503)
# Said 429 without saying for how long.
_PAUSE = timedelta(minutes=5)
# A slip of the pen must not switch a source off for a year.
_LONGEST_PAUSE = timedelta(days=1)


class RefusedFetchError(IgnoreRequest):
    """We ourselves do not send a request; `fault` says why."""

    def __init__(self, fault: FetchError) -> None:
        self.fault = fault
        super().__init__(str(fault))


class RetryAfter:
    """A downloader middleware that remembers which hosts are to be left alone until when."""

    def __init__(self, spider: WebSpider) -> None:
        self._clock = spider.clock
        self._until: dict[str, datetime] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(spider_of(crawler))

    def process_request(self, request: Request) -> None:
        host = urlsplit(request.url).netloc
        until = self._until.get(host)
        if until is None:
            return
        if until <= self._clock.now():
            del self._until[host]
            return
        fault = FetchError("asked_to_wait", f"{host} asked us to wait", retry_at=until)
        raise RefusedFetchError(fault)

    def process_response(self, request: Request, response: Response) -> Response:
        if response.status in _STATUSES:
            given = response.headers.get("Retry-After", b"") or b""
            until = retry_time(given.decode("latin-1"), self._clock)
            if until is None and response.status == 429:
                until = self._clock.now() + _PAUSE
            if until is not None:
                self._until[urlsplit(request.url).netloc] = until
                request.meta["retry_at"] = until
        return response


def retry_time(given: str, clock: Clock) -> datetime | None:
    """Return when a Retry-After header allows the next request; None when it says nothing."""
    now, text = clock.now(), given.strip()
    if text.isascii() and text.isdigit():
        return now + timedelta(seconds=min(int(text[:9]), _LONGEST_PAUSE.total_seconds()))
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=now.tzinfo)
    return min(max(until, now), now + _LONGEST_PAUSE)

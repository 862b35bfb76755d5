"""The spider of all readers: takes addresses from a line-up while it lives, hands answers back.

One for all, so that the budget of a host, its robots.txt and its wish to be left alone hold for
everything that is read there.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    NotSupported,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.http import Response
from twisted.python.failure import Failure

from askwatch.clock import Clock
from collectors.fetch import Fetch, Fetched, FetchError, Outcome

# What a download may end with, and (reason, text) for it.
_TEXTS: dict[type[Exception], tuple[str, str]] = {
    CannotResolveHostError: ("dns", "there is no such host: check the address"),
    DownloadCancelledError: ("too_large", "the answer is larger than {limit_mib:g} MiB"),
    DownloadConnectionRefusedError: ("unreachable", "the host cannot be reached"),
    DownloadFailedError: ("broken_answer", "the host does not answer in proper HTTP"),
    DownloadTimeoutError: ("timeout", "the host did not answer within {timeout_s:g} s"),
    NotSupported: ("scheme", "only http and https addresses are read"),
    ResponseDataLossError: ("cut_short", "the answer ended before it was complete"),
    UnsupportedURLSchemeError: ("scheme", "only http and https addresses are read"),
}
FAULTS = tuple(_TEXTS)
NO_HOST = (CannotResolveHostError, DownloadConnectionRefusedError, DownloadTimeoutError)
OVER = FetchError("crawler", "the crawler ended before the answer came")


class WebSpider(Spider):
    """Reads what its line-up holds until it finds None there."""

    name = "web"

    def __init__(
        self,
        *,
        line_up: "asyncio.Queue[Fetch | None]",
        is_over: asyncio.Event,
        clock: Clock,
        allow_private: bool,
    ) -> None:
        super().__init__()
        self._line_up = line_up
        self.is_over, self.clock, self.allow_private = is_over, clock, allow_private
        # What is asked for and not answered yet, by identity.
        self._under_way: dict[int, Fetch] = {}

    async def start(self) -> AsyncIterator[Any]:
        while (fetch := await self._line_up.get()) is not None:
            if self.is_over.is_set():
                fetch.done(OVER)
                continue
            try:
                request = self._request(fetch)
            except ValueError:
                fetch.done(FetchError("scheme", "this is not the address of a web page"))
            else:
                yield request

    def give_up(self) -> None:
        """Tell whoever still waits that no answer will come."""
        for fetch in list(self._under_way.values()):
            self._answer(fetch, OVER)

    def _answer(self, fetch: Fetch, outcome: Outcome) -> None:
        if self._under_way.pop(id(fetch), None) is not None:
            fetch.done(outcome)

    def _request(self, fetch: Fetch) -> Request:
        request = Request(
            fetch.url,
            headers=dict(fetch.headers),
            callback=self.answer,
            errback=self.fail,
            cb_kwargs={"fetch": fetch},
            meta={
                "is_page": fetch.is_page,
                "download_maxsize": fetch.size_limit_bytes,
                "download_timeout": fetch.timeout_s,
            },
            dont_filter=True,
        )
        self._under_way[id(fetch)] = fetch
        return request

    def answer(self, response: Response, fetch: Fetch) -> None:
        meta = response.meta
        headers = {
            (name or b"").decode("latin-1").lower(): b", ".join(values).decode("latin-1")
            for name, values in response.headers.items()
        }
        self._answer(
            fetch,
            Fetched(response.url, response.status, headers, response.body, meta.get("retry_at")),
        )

    def fail(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]  # scrapy puts it there
        fetch: Fetch = request.cb_kwargs["fetch"]
        self._answer(fetch, explain(failure.value, request))


def spider_of(crawler: Crawler) -> WebSpider:
    """Return the spider, for a middleware that needs what it knows."""
    if not isinstance(crawler.spider, WebSpider):
        raise TypeError("this part of scrapy works for WebSpider alone")
    return crawler.spider


def explain(error: BaseException | None, request: Request) -> FetchError:
    """Return what ended a request, in a word and in a sentence."""
    fault = getattr(error, "fault", None)
    if isinstance(fault, FetchError):
        return fault
    limit_mib, timeout_s = (
        request.meta["download_maxsize"] / 2**20,
        request.meta["download_timeout"],
    )
    for kind, (reason, text) in _TEXTS.items():
        if isinstance(error, kind):
            return FetchError(reason, text.format(limit_mib=limit_mib, timeout_s=timeout_s))
    if isinstance(error, IgnoreRequest) and "redirect_urls" in request.meta:
        return FetchError("redirects", "the address leads from one redirect to the next")
    if isinstance(error, IgnoreRequest):
        return FetchError("too_large", f"the answer unpacks to more than {limit_mib:g} MiB")
    return FetchError("broken_answer", f"the answer cannot be read ({type(error).__name__})")

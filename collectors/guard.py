"""Keeps the crawler on the public internet: no request may reach into our own network.

Checked twice: before a request is sent, redirects included, for a clear message; and on the very
address that a connection is opened to, because a name may mean another address a moment later.
"""

import asyncio
import socket
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers._aiohttp import AiohttpDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response

from collectors.addresses import is_forbidden
from collectors.closed_sites import find_closed_site
from collectors.fetch import FetchError
from collectors.politeness import RefusedFetchError
from collectors.spiders.web import OVER, WebSpider, spider_of

_TEXT = (
    "leads to a private network address, which is not read: set "
    "ASKWATCH_ALLOW_PRIVATE_ADDRESSES=true where that is meant"
)


class AddressGuard:
    """A downloader middleware that refuses hosts whose name leads to a private address."""

    def __init__(self, spider: WebSpider) -> None:
        self._allow_private = spider.allow_private

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(spider_of(crawler))

    async def process_request(self, request: Request) -> None:
        if request.meta.get("is_page"):
            closed = find_closed_site(request.url)
            if closed:
                raise RefusedFetchError(FetchError("closed_site", closed))
        host = urlsplit(request.url).hostname or ""
        for address in await _resolve(host):
            if is_forbidden(address, allow_private=self._allow_private):
                raise RefusedFetchError(FetchError("private_address", f"{host} {_TEXT}"))


class GuardedHandler(AiohttpDownloadHandler):
    """Scrapy's own handler, on sockets that connect to nowhere else than allowed."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        spider = spider_of(crawler)
        self._is_over, allow_private = spider.is_over, spider.allow_private

        def open_socket(address: tuple[Any, ...]) -> socket.socket:
            family, kind, protocol, _, place = address
            if is_forbidden(place[0], allow_private=allow_private):
                raise OSError(f"{place[0]} {_TEXT}")
            return socket.socket(family, kind, protocol)

        # The handler has no option for it; a test connects past the middleware to prove it works.
        self._session.connector._socket_factory = open_socket  # type: ignore[union-attr]  # noqa: SLF001

    async def download_request(self, request: Request) -> Response:
        """Return the response; a crawler that is told to end does not wait for it."""
        download = asyncio.ensure_future(super().download_request(request))
        end = asyncio.ensure_future(self._is_over.wait())
        try:
            await asyncio.wait({download, end}, return_when=asyncio.FIRST_COMPLETED)
            if download.done():
                return download.result()
            raise RefusedFetchError(OVER)
        finally:
            end.cancel()
            download.cancel()


async def _resolve(host: str) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        fault = FetchError("dns", f"there is no host {host!r}: check the address")
        raise RefusedFetchError(fault) from error
    return [str(place[0]) for *_, place in found]

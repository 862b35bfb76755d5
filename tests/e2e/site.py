"""A web site with a feed that a test writes posts into."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

_ENTRY = """<item><guid isPermaLink="false">{number}</guid><title>{title}</title>
<link>{url}</link><description>{text}</description><pubDate>{published}</pubDate></item>"""
_FEED = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>
<title>The trade forum</title><link>{url}</link><description>Threads</description>
{entries}</channel></rss>"""


@dataclass
class Site:
    """Serves /feed.xml; every post published is there at the next read."""

    server: HTTPServer
    entries: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow:\n")
        self.server.expect_request("/feed.xml").respond_with_handler(self._serve)

    @property
    def feed_url(self) -> str:
        return self.server.url_for("/feed.xml")

    def publish(self, title: str, text: str) -> str:
        """Add a post and return its address."""
        number = len(self.entries) + 1
        url = self.server.url_for(f"/threads/{number}")
        published = format_datetime(datetime.now(UTC))  # noqa: TID251 - other processes have real time
        entry = _ENTRY.format(
            number=number, title=escape(title), url=url, text=escape(text), published=published
        )
        self.entries.insert(0, entry)
        return url

    def _serve(self, _request: Request) -> Response:
        body = _FEED.format(url=self.server.url_for("/"), entries="\n".join(self.entries))
        return Response(body, content_type="application/rss+xml; charset=utf-8")

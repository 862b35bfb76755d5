"""A feed on a local server with its reader, for tests that read it on demand."""

from prometheus_client import REGISTRY
from pytest_httpserver import HTTPServer
from werkzeug import Request

from askwatch.bus.sqlite import SqliteBus
from askwatch.events import PostRecord
from askwatch.model.source import Source
from askwatch.state.engine import Database
from askwatch.state.sources import SourceRow
from collectors.feed_reader import FeedReader
from collectors.registry import Registry
from tests.collectors.builders import (
    FEED,
    find_row,
    make_source,
    put_source,
    read_stream,
    wait_until,
)

ASK = "Kender nogen en god revisor i Aarhus?"
Entry = tuple[str, str, str]  # id, text, publication in RFC 822


def rss(*entries: Entry) -> str:
    items = "".join(
        f"<item><guid>{guid}</guid><link>https://forum.example/{guid}</link>"
        f"<title>{text}</title><description>&lt;p&gt;{text}&lt;/p&gt;</description>"
        f"<author>anna@forum.example (Anna)</author><pubDate>{at}</pubDate></item>"
        for guid, text, at in entries
    )
    return f"<rss version='2.0'><channel><title>Forum</title>{items}</channel></rss>"


MORNING = "Mon, 02 Mar 2026 08:00:00 GMT"


class Bench:
    """One feed with its reader, read on demand."""

    def __init__(
        self, database: Database, bus: SqliteBus, registry: Registry, server: HTTPServer
    ) -> None:
        self.database, self.bus, self.registry, self.server = database, bus, registry, server
        server.expect_request("/robots.txt").respond_with_data("", status=404)
        self.reader = self.open(make_source(url=server.url_for("/feed")))

    def change(self, **options: object) -> None:
        self.reader.stop()
        self.reader = self.open(make_source(url=self.server.url_for("/feed"), options=options))

    def open(self, source: Source) -> FeedReader:
        put_source(self.database, source)
        reader = self.registry.open(source)
        assert isinstance(reader, FeedReader)
        return reader

    @property
    def row(self) -> SourceRow:
        return find_row(self.database)

    def serve(self, body: str | bytes, status: int = 200, **headers: str) -> None:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        content_type = given.pop("Content-Type", "application/rss+xml; charset=utf-8")
        self.server.expect_oneshot_request("/feed").respond_with_data(
            body, status=status, headers=given, content_type=content_type
        )

    def read(self) -> list[PostRecord]:
        """Read once, due or not as the row says, and return what came on the stream."""
        self.reader.tick(self.row)
        wait_until(lambda: not self.reader._is_busy)
        return read_stream(self.bus)

    def asked(self) -> list[Request]:
        return [request for request, _ in self.server.log if request.path == "/feed"]


def errors(reason: str) -> float:
    name, labels = "askwatch_source_errors_total", {"source": FEED, "reason": reason}
    return REGISTRY.get_sample_value(name, labels) or 0.0

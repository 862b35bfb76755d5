"""Pages behind handed-in links: read where they may be, asked for as text where not."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from askwatch.bus.base import NewRecord, Producer
from askwatch.bus.sqlite import SqliteBus
from askwatch.clock import ManualClock
from askwatch.errors import BackendUnavailableError
from askwatch.events import PostKind
from askwatch.model.ids import ExpertId
from askwatch.settings import Settings
from askwatch.state import hand_ins
from askwatch.state.engine import Database
from askwatch.state.hand_ins import HAND_IN_SOURCE, HandIn
from collectors.desk import Desk
from collectors.fetch import Fetch, Fetched
from collectors.hand_in_post import HandInPosts
from collectors.hand_in_source import HandInReader
from collectors.intake import Intake
from collectors.registry import Registry
from tests.collectors.builders import find_row, read_stream, wait_until

ANNA = ExpertId("anna")
ASK = "Kender nogen en god revisor i Aarhus, der tager små foreninger?"
PAGE = f"<html><head><title>Revisor?</title></head><body><article>{ASK}</article></body></html>"


class Bench:
    """A desk, and the reader of the links that were handed in there."""

    def __init__(
        self,
        database: Database,
        bus: SqliteBus,
        desk: Desk,
        reader: HandInReader,
        server: HTTPServer,
    ) -> None:
        self.database, self.bus, self.desk = database, bus, desk
        self.reader, self.server = reader, server

    def bring(self, path: str) -> str:
        return self.desk.hand_in(ANNA, url=self.server.url_for(path)).hand_in_id

    def find(self, hand_in_id: str) -> HandIn:
        return self.database.read(lambda tx: hand_ins.find(tx, hand_in_id))

    def tick(self) -> None:
        self.reader.tick(find_row(self.database, HAND_IN_SOURCE))
        wait_until(lambda: not self.reader._under_way)

    def read(self, path: str) -> HandIn:
        """Hand in the link and let it be read; return what became of it."""
        hand_in_id = self.bring(path)
        self.tick()
        return self.find(hand_in_id)


@pytest.fixture
def bench(
    sqlite_database: Database,
    bus: SqliteBus,
    intake: Intake,
    settings: Settings,
    clock: ManualClock,
    httpserver: HTTPServer,
) -> Iterator[Bench]:
    registry = Registry(
        intake=intake,
        database=sqlite_database,
        bus=bus,
        settings=settings,
        clock=clock,
        delay_s=0.0,
    )
    desk = Desk(database=sqlite_database, bus=bus, settings=settings, clock=clock)
    httpserver.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow: /private")
    desk.hand_in(ANNA, url="", text=ASK)
    read_stream(bus)
    reader = registry.open(find_row(sqlite_database, HAND_IN_SOURCE).source)
    assert isinstance(reader, HandInReader)
    yield Bench(sqlite_database, bus, desk, reader, httpserver)
    reader.stop()
    registry.close()
    desk.close()


def test_a_page_becomes_the_post_of_its_link(bench: Bench) -> None:
    bench.server.expect_request("/t/1").respond_with_data(PAGE, content_type="text/html")
    hand_in = bench.read("/t/1")
    assert (hand_in.state, hand_in.reason) == ("received", "")
    (record,) = read_stream(bench.bus)
    assert record.kind is PostKind.OBSERVED
    assert record.post is not None
    assert (record.post_id, record.post.handed_in_by) == (hand_in.hand_in_id, ANNA)
    assert (record.post.title, record.post.text) == ("Revisor?", ASK)
    assert record.post.url == bench.server.url_for("/t/1")
    bench.tick()
    assert sum(request.path == "/t/1" for request, _ in bench.server.log) == 1


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "the page wants a sign-in"),
        (403, "does not show the page to us"),
        (404, "there is no page behind the link"),
        (410, "the page is gone"),
        (429, "asked us to wait"),
        (500, "answers with an error (500)"),
    ],
)
def test_a_page_that_cannot_be_had_is_asked_for_as_text(
    bench: Bench, status: int, said: str
) -> None:
    bench.server.expect_request("/t/1").respond_with_data("no", status=status)
    hand_in = bench.read("/t/1")
    assert hand_in.state == "needs_text"
    assert said in hand_in.reason
    assert hand_in.reason.endswith(": paste the text of the post")
    assert read_stream(bench.bus) == []


@pytest.mark.parametrize(
    ("body", "content_type", "headers", "said"),
    [
        ("%PDF-1.7", "application/pdf", {}, "leads to a file (application/pdf)"),
        ("<p>Kort</p>", "text/html", {}, "too little text"),
        ("<div id='root'></div>", "text/html", {}, "too little text"),
        ("<div>" * 100_000, "text/html", {}, "too little text"),
        (PAGE, "text/html", {"tdm-reservation": "1"}, "reserves its texts"),
        ("x" * (5 * 2**20), "text/html", {}, "the page is too large"),
    ],
)
def test_a_page_that_says_nothing_to_us_is_asked_for_as_text(
    bench: Bench, body: str, content_type: str, headers: dict[str, str], said: str
) -> None:
    bench.server.expect_request("/t/1").respond_with_data(
        body, content_type=content_type, headers=headers
    )
    hand_in = bench.read("/t/1")
    assert hand_in.state == "needs_text"
    assert said in hand_in.reason


def test_robots_txt_holds_for_handed_in_pages_too(bench: Bench) -> None:
    hand_in = bench.read("/private/1")
    assert hand_in.state == "needs_text"
    assert "robots.txt does not let" in hand_in.reason


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("/login?next=/t/1", "the page wants a sign-in"),
        ("/sso/start", "the page wants a sign-in"),
        ("/t/1", "leads in circles"),
        ("https://www.facebook.com/login", "Facebook does not let its pages be read"),
        ("http://169.254.169.254/", "private network"),
    ],
)
def test_a_redirect_away_from_the_page_is_told_in_plain_words(
    bench: Bench, target: str, said: str
) -> None:
    bench.server.expect_request("/t/1").respond_with_data("", 302, headers={"Location": target})
    for path in ("/login", "/sso/start"):
        bench.server.expect_request(path).respond_with_data(PAGE, content_type="text/html")
    hand_in = bench.read("/t/1")
    assert hand_in.state == "needs_text"
    assert said in hand_in.reason
    assert hand_in.reason.count("paste the text") == 1


def test_a_redirect_to_an_author_is_no_sign_in(bench: Bench) -> None:
    bench.server.expect_request("/t/1").respond_with_data(
        "", 301, headers={"Location": "/author/1"}
    )
    bench.server.expect_request("/author/1").respond_with_data(PAGE, content_type="text/html")
    assert bench.read("/t/1").state == "received"


def test_a_hand_in_that_is_withdrawn_while_it_is_fetched_is_taken_back(bench: Bench) -> None:
    def answer(_request: Request) -> Response:
        bench.desk.withdraw(hand_in_id, ANNA)
        return Response(PAGE, content_type="text/html")

    bench.server.expect_request("/t/1").respond_with_handler(answer)
    hand_in_id = bench.bring("/t/1")
    bench.tick()
    assert bench.find(hand_in_id).state == "withdrawn"
    assert read_stream(bench.bus)[-1].kind is PostKind.DELETED


def test_nothing_is_written_after_the_reader_was_stopped(bench: Bench) -> None:
    def answer(_request: Request) -> Response:
        bench.reader.stop()
        return Response(PAGE, content_type="text/html")

    bench.server.expect_request("/t/1").respond_with_handler(answer)
    assert bench.read("/t/1").state == "fetching"
    assert read_stream(bench.bus) == []


class BrokenOnceBus:
    """The real bus, whose first producer fails once."""

    def __init__(self, bus: SqliteBus) -> None:
        self._bus = bus

    def producer(self) -> Producer:
        return BrokenOnceProducer(self._bus.producer())

    def __getattr__(self, name: str) -> object:
        return getattr(self._bus, name)


class BrokenOnceProducer:
    def __init__(self, producer: Producer) -> None:
        self._producer, self._failures = producer, 1

    def produce(self, stream: str, records: Sequence[NewRecord]) -> None:
        if self._failures:
            self._failures -= 1
            raise BackendUnavailableError("bus", "down")
        self._producer.produce(stream, records)

    def close(self) -> None:
        self._producer.close()


def test_a_hand_in_waits_while_the_bus_is_down(
    bench: Bench,
    sqlite_database: Database,
    bus: SqliteBus,
    settings: Settings,
    clock: ManualClock,
) -> None:
    broken = BrokenOnceBus(bus)
    intake = Intake(
        database=sqlite_database,
        bus=broken,  # type: ignore[arg-type]  # __getattr__ gives the rest
        secret_key=settings.secret_key,
        clock=clock,
    )
    registry = Registry(
        intake=intake,
        database=sqlite_database,
        bus=bus,
        settings=settings,
        clock=clock,
        delay_s=0.0,
    )
    bench.server.expect_request("/t/1").respond_with_data(PAGE, content_type="text/html")
    reader = registry.open(find_row(sqlite_database, HAND_IN_SOURCE).source)
    assert isinstance(reader, HandInReader)
    bench.reader = reader
    hand_in = bench.read("/t/1")
    assert hand_in.state == "fetching"
    bench.tick()
    assert bench.find(hand_in.hand_in_id).state == "fetching"
    clock.advance(5)
    bench.tick()
    assert bench.find(hand_in.hand_in_id).state == "received"
    reader.stop()
    registry.close()
    intake.close()


def test_many_links_are_read_and_none_twice(bench: Bench) -> None:
    ids = []
    for number in range(30):
        bench.server.expect_request(f"/t/{number}").respond_with_data(
            PAGE, content_type="text/html"
        )
        ids.append(bench.bring(f"/t/{number}"))
    for _ in range(3):
        bench.tick()
    assert {bench.find(each).state for each in ids} == {"received"}
    assert len(read_stream(bench.bus)) == 30


def test_a_page_that_breaks_our_code_is_asked_for_as_text(
    bench: Bench, sqlite_database: Database, intake: Intake, clock: ManualClock
) -> None:
    def fetch(fetch: Fetch) -> None:
        fetch.done(Fetched(fetch.url, 200, {"content-type": "text/html"}, None))  # type: ignore[arg-type]  # what breaks it

    with ThreadPoolExecutor(1) as pool:
        bench.reader = HandInReader(
            fetch=fetch,
            pool=pool,
            database=sqlite_database,
            posts=HandInPosts(database=sqlite_database, intake=intake, clock=clock),
            clock=clock,
        )
        hand_in = bench.read("/t/1")
    assert hand_in.state == "needs_text"
    assert "could not be understood" in hand_in.reason


def test_a_crawler_that_does_not_start_leaves_links_waiting(
    bench: Bench, sqlite_database: Database, intake: Intake, clock: ManualClock
) -> None:
    def fetch(_fetch: Fetch) -> None:
        raise BackendUnavailableError("crawler", "not started")

    with ThreadPoolExecutor(1) as pool:
        bench.reader = HandInReader(
            fetch=fetch,
            pool=pool,
            database=sqlite_database,
            posts=HandInPosts(database=sqlite_database, intake=intake, clock=clock),
            clock=clock,
        )
        assert bench.read("/t/1").state == "fetching"

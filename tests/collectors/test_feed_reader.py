"""A feed over real HTTP: what is read, what is kept for the next time, what is told when not."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from werkzeug import Request, Response

from askwatch.clock import ManualClock
from askwatch.errors import AskwatchError, BackendUnavailableError
from askwatch.events import PostKind
from askwatch.state import sources, suppression
from askwatch.state.engine import Database
from collectors.feed_reader import FeedReader
from collectors.fetch import Fetch, Fetched, FetchError, Outcome
from collectors.intake import Intake
from tests.collectors.builders import (
    FEED,
    NOW,
    find_row,
    make_source,
    put_source,
    wait_until,
)
from tests.collectors.feeds import ASK, MORNING, Bench, errors, rss


def test_entries_become_posts_with_their_facts(bench: Bench, clock: ManualClock) -> None:
    bench.serve(rss(("a", ASK, MORNING)))
    (record,) = bench.read()
    assert record.kind is PostKind.OBSERVED
    post = record.post
    assert post is not None
    assert (post.post_id, post.url, post.place) == ("a", "https://forum.example/a", "Forum")
    assert (post.title, post.text) == (ASK, ASK)
    assert post.author.name == "Anna"
    assert post.published_at == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    status = bench.row.status
    assert (status.state, status.posts_read, status.errors) == ("running", 1, 0)
    assert status.last_post_at == post.published_at
    assert bench.row.next_read_at == clock.now() + timedelta(seconds=300)


def test_a_feed_is_not_asked_before_it_is_due(bench: Bench, clock: ManualClock) -> None:
    stale = bench.row
    bench.serve(rss(("a", ASK, MORNING)))
    bench.read()
    bench.read()
    # A tick may bring a row that was read before the last report.
    bench.reader.tick(stale)
    assert len(bench.asked()) == 1
    clock.advance(300)
    bench.serve(rss(("a", ASK, MORNING)))
    assert bench.read() == []
    assert len(bench.asked()) == 2


def test_an_unchanged_feed_is_asked_with_its_validators(bench: Bench, clock: ManualClock) -> None:
    bench.serve(rss(("a", ASK, MORNING)), ETag='"v1"', Last_Modified=MORNING)
    bench.read()
    clock.advance(300)
    bench.serve("", status=304)
    assert bench.read() == []
    asked = bench.asked()[1]
    assert asked.headers["If-None-Match"] == '"v1"'
    assert asked.headers["If-Modified-Since"] == MORNING
    assert bench.row.status.state == "running"
    # Now and then it is read in full, so that what it holds stays known.
    clock.advance(8 * 86_400)
    bench.serve(rss(("a", ASK, MORNING)))
    assert bench.read() == []
    assert "If-None-Match" not in bench.asked()[2].headers


def test_edits_late_posts_and_posts_of_the_same_second_are_seen(
    bench: Bench, clock: ManualClock
) -> None:
    bench.serve(rss(("b", "To " + ASK, MORNING), ("a", ASK, MORNING)))
    assert len(bench.read()) == 2
    clock.advance(300)
    late = "Sun, 01 Mar 2026 07:00:00 GMT"
    bench.serve(
        rss(
            ("c", "Samme sekund, " + ASK, MORNING),
            ("a", ASK + " Haster!", MORNING),
            ("d", ASK, late),
        )
    )
    found = {record.post_id: record for record in bench.read()}
    assert {each: found[each].kind.value for each in found} == {
        "c": "observed",
        "a": "edited",
        "d": "observed",
    }
    assert found["a"].revision == 2  # type: ignore[index]  # ids are text
    # "b" is not in the feed any more: that is its age, not a deletion.
    assert bench.row.status.posts_read == 5


def test_a_tombstone_is_a_deletion(bench: Bench, clock: ManualClock) -> None:
    entry = (
        "<entry><id>tag:x,1</id><title>Spørgsmål</title><updated>2026-03-02T08:00:00Z</updated>"
        "<content type='text'>%s</content></entry>"
    )
    head = "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:at='http://purl.org/atompub/tombstones/1.0'>"
    bench.serve(f"{head}<title>t</title>{entry % ASK}</feed>", Content_Type="application/atom+xml")
    (observed,) = bench.read()
    clock.advance(300)
    gone = "<at:deleted-entry ref='tag:x,1' when='2026-03-02T09:00:00Z'/>"
    for _ in range(2):
        bench.serve(f"{head}<title>t</title>{gone}</feed>" + "\n" * int(clock.monotonic() / 300))
        clock.advance(300)
    (deleted,) = bench.read()
    assert (deleted.kind, deleted.key) == (PostKind.DELETED, observed.key)
    clock.advance(300)
    assert bench.read() == []


def test_a_json_feed_is_read(bench: Bench) -> None:
    bench.serve(
        '{"version": "https://jsonfeed.org/version/1.1", "title": "Forum", "language": "da",'
        ' "items": [{"id": "1", "url": "/t/1", "content_html":'
        ' "<p>Kender nogen en god VVS&apos;er?</p>",'
        ' "date_published": "2026-03-02T08:00:00+01:00", '
        ' "authors": [{"name": "Bo", "url": "https://bo.example"}]},'
        ' "broken", {"id": 2}]}',
        Content_Type="application/feed+json",
    )
    (record,) = bench.read()
    post = record.post
    assert post is not None
    assert (post.text, post.lang_hint, post.place) == ("Kender nogen en god VVS'er?", "da", "Forum")
    assert post.url == bench.server.url_for("/t/1")
    assert (post.author.name, post.author.author_id) == ("Bo", "https://bo.example")
    assert post.published_at == datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
    assert "no JSON objects" in bench.row.status.last_error
    assert "1 entries hold no words" in bench.row.status.last_error


def test_posts_of_a_suppressed_author_are_dropped(bench: Bench, intake: Intake) -> None:
    author = intake.hash_of(FEED, "Anna")
    bench.database.write(
        lambda tx: suppression.add(tx, author, "opt_out", now=datetime(2026, 3, 1, tzinfo=UTC))
    )
    bench.serve(rss(("a", ASK, MORNING)))
    assert bench.read() == []


@pytest.mark.parametrize(
    ("status", "reason", "said"),
    [
        (401, "status_401", "wants a sign-in"),
        (403, "status_403", "refuses to show"),
        (404, "status_404", "no feed at this address"),
        (410, "status_410", "take the source out"),
        (500, "status_500", "an error of its own (500)"),
    ],
)
def test_an_error_of_the_site_stands_in_the_row_and_waits_longer_each_time(
    bench: Bench, clock: ManualClock, status: int, reason: str, said: str
) -> None:
    before = errors(reason)
    for pause_s in (600, 1_200, 2_400):
        bench.serve("", status=status)
        assert bench.read() == []
        row = bench.row
        assert (row.status.state, said in row.status.last_error) == ("failing", True)
        assert row.next_read_at == clock.now() + timedelta(seconds=pause_s)
        clock.advance(pause_s)
    assert errors(reason) == before + 3
    bench.serve(rss(("a", ASK, MORNING)))
    assert len(bench.read()) == 1
    assert (bench.row.status.state, bench.row.status.last_error) == ("running", "")
    assert bench.row.next_read_at == clock.now() + timedelta(seconds=300)


def test_the_pause_never_grows_beyond_six_hours(bench: Bench, clock: ManualClock) -> None:
    for _ in range(9):
        bench.serve("", status=500)
        bench.read()
        at = bench.row.next_read_at
        assert at is not None
        assert at - clock.now() <= timedelta(hours=6)
        clock.advance((at - clock.now()).total_seconds())


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured(bench: Bench, clock: ManualClock, status: int) -> None:
    bench.serve("", status=status, Retry_After="7200")
    bench.read()
    assert bench.row.next_read_at == clock.now() + timedelta(hours=2)


def test_entries_without_an_id_are_known_by_link_and_then_by_their_words(
    bench: Bench, clock: ManualClock
) -> None:
    def body(more: str) -> str:
        return (
            "<rss version='2.0'><channel><title>t</title>"
            f"<item><link>/t/1</link><title>{ASK}</title></item>"
            f"<item><title>Uden link: {ASK}</title></item>{more}</channel></rss>"
        )

    bench.serve(body(""))
    first = {str(record.post_id) for record in bench.read()}
    assert bench.server.url_for("/t/1") in first
    assert len(first) == 2
    clock.advance(300)
    bench.serve(body("<item><title>Ny: tredje</title></item>"))
    assert len(bench.read()) == 1


def test_one_id_for_several_pages_is_none(bench: Bench, clock: ManualClock) -> None:
    def body(*numbers: int) -> str:
        items = (
            f"<item><guid>same</guid><link>/t/{n}</link><title>{n}: {ASK}</title></item>"
            for n in numbers
        )
        return f"<rss><channel>{''.join(items)}</channel></rss>"

    bench.serve(body(2, 1, 1))
    assert len(bench.read()) == 2
    clock.advance(300)
    bench.serve(body(3, 2, 1))
    (record,) = bench.read()
    assert (record.kind, record.post_id) == (PostKind.OBSERVED, bench.server.url_for("/t/3"))


@pytest.mark.parametrize("url", ["", "ftp://x/feed", "example.com/feed"])
def test_an_address_that_is_none_is_named(bench: Bench, url: str) -> None:
    bench.reader.stop()
    bench.reader = bench.open(make_source(url=url))
    assert bench.read() == []
    assert f"url is {url!r}" in bench.row.status.last_error


def test_nothing_is_written_after_a_reader_was_stopped(bench: Bench) -> None:
    row = bench.row

    def answer(_request: Request) -> Response:
        bench.reader.stop()
        return Response(rss(("a", ASK, MORNING)), content_type="application/rss+xml")

    bench.server.expect_request("/feed").respond_with_handler(answer)
    assert bench.read() == []
    assert bench.row == row


def test_a_site_that_reserves_its_texts_is_not_read(bench: Bench) -> None:
    bench.serve(rss(("a", ASK, MORNING)), tdm_reservation="1")
    assert bench.read() == []
    assert "reserves its texts" in bench.row.status.last_error


def test_a_feed_that_fails_does_not_hold_up_another(
    bench: Bench, sqlite_database: Database
) -> None:
    bench.serve("<html>", Content_Type="text/html")
    bench.server.expect_request("/other").respond_with_data(
        rss(("z", ASK, MORNING)), content_type="application/rss+xml"
    )
    other = make_source(source_id="other", url=bench.server.url_for("/other"))
    row = put_source(sqlite_database, other)
    reader = bench.registry.open(other)
    reader.tick(row)
    bench.read()
    wait_until(lambda: find_row(sqlite_database, other.source_id).status.state == "running")
    assert bench.row.status.state == "failing"
    reader.stop()


class Hollow:
    """Stands where the crawler does, and answers as it is told."""

    def __init__(self, outcome: Outcome | AskwatchError) -> None:
        self._outcome = outcome

    def fetch(self, fetch: Fetch) -> None:
        if isinstance(self._outcome, FetchError | Fetched):
            fetch.done(self._outcome)
        else:
            raise self._outcome


def read_hollow(bench: Bench, intake: Intake, clock: ManualClock, crawler: Hollow) -> FeedReader:
    bench.reader.stop()
    source = make_source(url="https://forum.example/feed")
    put_source(bench.database, source)
    with ThreadPoolExecutor(1) as pool:
        reader = FeedReader(source, fetch=crawler.fetch, pool=pool, intake=intake, clock=clock)
        reader.tick(bench.row)
    # The pool is closed now: a tick that still comes does nothing.
    bench.reader = reader
    return reader


def test_a_failure_of_ours_is_no_fault_of_the_site(
    bench: Bench, intake: Intake, clock: ManualClock
) -> None:
    read_hollow(bench, intake, clock, Hollow(BackendUnavailableError("crawler", "not started")))
    row = bench.row
    assert (row.status.state, row.status.last_error) == (
        "failing",
        "crawler does not answer: not started",
    )
    assert row.next_read_at == clock.now() + timedelta(seconds=30)
    assert row.cursor["failures"] == 0


def test_a_fault_in_our_own_code_waits_an_hour_and_is_counted(
    bench: Bench, intake: Intake, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    before = errors("internal")
    broken = Fetched("https://forum.example/feed", 200, {}, None)  # type: ignore[arg-type]  # what breaks it
    reader = read_hollow(bench, intake, clock, Hollow(broken))
    assert errors("internal") == before + 1
    (entry,) = [record for record in caplog.records if record.message == "feed reader broke"]
    assert entry.__dict__["error"] == "TypeError"
    clock.advance(3_599)
    reader.tick(bench.row)
    assert not reader._is_busy


def test_a_cursor_that_makes_no_sense_is_a_beginning(bench: Bench) -> None:
    odd = {"etag": 5, "full_read_at": "soon", "failures": "many"}
    bench.database.write(lambda tx: sources.write_cursor(tx, FEED, odd, now=NOW))  # type: ignore[arg-type]  # odd on purpose
    bench.serve(rss(("a", ASK, MORNING)))
    assert len(bench.read()) == 1

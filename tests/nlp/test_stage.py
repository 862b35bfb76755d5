"""From the stream of posts to the stream of leads."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from askwatch.bus.base import SCHEMA_HEADER, NewRecord
from askwatch.bus.sqlite import SqliteBus
from askwatch.clock import SystemClock
from askwatch.errors import ConfigurationError
from askwatch.events import LEADS, POSTS, LeadKind, LeadRecord, PostKind, PostRecord
from askwatch.model.ids import EventId, ExpertId, PostId, SourceId, TopicId
from askwatch.model.lead import Intent, Lane
from askwatch.model.post import Post
from askwatch.model.topic import Topic
from askwatch.settings import Settings
from askwatch.state import dead_letters, suppression, topics
from askwatch.state.engine import Database
from nlp.stage import make_process

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
SOURCE = SourceId("feed")
ASK = (
    "Can anyone recommend a good CRM for a sales team of ten people? We are outgrowing our "
    "spreadsheet and need a tool that our sales reps will use."
)
CHATTER = "lovely sunset over the harbour tonight"


class Bench:
    """A bus and a database with the language stage between its two streams."""

    def __init__(self, path: Path, database: Database) -> None:
        self.clock, self.database = SystemClock(), database
        self.bus = SqliteBus(path / "bus.db", partitions=2, retention_s=3600.0, clock=self.clock)
        self.bus.ensure_streams([POSTS, LEADS])

    def produce(self, *records: PostRecord) -> None:
        producer = self.bus.producer()
        producer.produce(
            POSTS,
            [
                NewRecord(record.key, record.to_bytes(), {SCHEMA_HEADER: PostRecord.SCHEMA})
                for record in records
            ],
        )
        producer.close()

    def run(self) -> list[LeadRecord]:
        """Let the stage read everything; return what it says of it."""
        process = make_process(
            database=self.database,
            bus=self.bus,
            settings=Settings.load(),
            clock=self.clock,
            owner="test",
        )
        stop = threading.Event()
        thread = threading.Thread(target=process.run, args=(stop,))
        thread.start()
        deadline_s = self.clock.monotonic() + 30.0
        while self.bus.lag(POSTS, group="nlp").records and self.clock.monotonic() < deadline_s:
            stop.wait(0.02)
        stop.set()
        thread.join()
        self.stats = dict(process.stats())
        return self.read()

    def read(self) -> list[LeadRecord]:
        consumer = self.bus.consumer(LEADS, group="test")
        found: list[LeadRecord] = []
        while records := consumer.poll(max_records=100, timeout_s=0.5):
            assert {record.headers[SCHEMA_HEADER] for record in records} == {LeadRecord.SCHEMA}
            found += [LeadRecord.from_bytes(record.value) for record in records]
            consumer.commit()
        consumer.close()
        return found


@pytest.fixture
def bench(tmp_path: Path, sqlite_database: Database) -> Iterator[Bench]:
    bench = Bench(tmp_path, sqlite_database)
    yield bench
    bench.bus.close()


def make_record(
    text: str,
    *,
    kind: PostKind = PostKind.OBSERVED,
    post_id: str = "1",
    author_hash: str = "",
    handed_in_by: str | None = None,
) -> PostRecord:
    post = Post(
        source_id=SOURCE,
        post_id=PostId(post_id),
        text=text,
        published_at=AT,
        observed_at=AT,
        handed_in_by=ExpertId(handed_in_by) if handed_in_by else None,
    )
    return PostRecord(
        event_id=EventId(f"event-{post_id}-{kind}"),
        kind=kind,
        at=AT,
        source_id=SOURCE,
        post_id=post.post_id,
        author_hash=author_hash,
        post=post if kind in {PostKind.OBSERVED, PostKind.EDITED} else None,
    )


def test_an_ask_becomes_a_lead_and_chatter_does_not(bench: Bench) -> None:
    bench.produce(make_record(ASK), make_record(CHATTER, post_id="2"))
    (lead,) = bench.run()
    assert (lead.kind, lead.post_id) == (LeadKind.FOUND, "1")
    assert lead.post is not None
    assert lead.understanding is not None
    assert lead.understanding.lane is not Lane.NONE
    assert lead.understanding.intent is Intent.VENDOR_REQUEST
    assert lead.understanding.topics[0].topic_id == "crm_sales"
    assert bench.stats["handled"] == 2
    assert bench.stats["lead_records"] == 1


def test_every_edit_and_every_deletion_is_said(bench: Bench) -> None:
    bench.produce(
        make_record(CHATTER, kind=PostKind.EDITED),
        make_record("", kind=PostKind.DELETED, post_id="2"),
    )
    found = {lead.post_id: lead for lead in bench.run()}
    assert found[PostId("1")].kind is LeadKind.CHANGED
    understanding = found[PostId("1")].understanding
    assert understanding is not None
    assert understanding.lane is Lane.NONE
    assert found[PostId("2")].kind is LeadKind.WITHDRAWN
    assert found[PostId("2")].understanding is None


def test_what_was_handed_in_is_always_said(bench: Bench) -> None:
    bench.produce(make_record(CHATTER, handed_in_by="anna"))
    (lead,) = bench.run()
    assert lead.kind is LeadKind.FOUND
    assert lead.understanding is not None
    assert lead.understanding.lane is Lane.NONE


def test_a_removed_author_is_suppressed_before_anything_is_said(bench: Bench) -> None:
    bench.produce(
        make_record("", kind=PostKind.AUTHOR_REMOVED, post_id="", author_hash="h1"),
        make_record(ASK, author_hash="h1"),
        make_record(ASK, post_id="2", author_hash="h2"),
    )
    found = bench.run()
    assert {(lead.kind, lead.author_hash) for lead in found} == {
        (LeadKind.AUTHOR_REMOVED, "h1"),
        (LeadKind.FOUND, "h2"),
    }
    assert bench.database.read(lambda tx: suppression.is_suppressed(tx, "h1"))


def test_the_companys_own_topics_decide(bench: Bench) -> None:
    roofs = Topic(topic_id=TopicId("roofs"), name="Roofs", phrases=("roofer", "roof"))
    bench.database.write(lambda tx: topics.put_topic(tx, roofs, now=AT))
    bench.produce(make_record(ASK))
    for lead in bench.run():
        assert lead.understanding is not None
        assert lead.understanding.lane is Lane.REVIEW
        assert lead.understanding.topics == ()


def test_the_same_record_twice_says_the_same_twice(bench: Bench) -> None:
    bench.produce(make_record(ASK), make_record(ASK))
    first, second = bench.run()
    assert first.event_id == second.event_id
    assert first.understanding == second.understanding


def test_a_record_that_is_no_post_goes_to_the_dead_letters(bench: Bench) -> None:
    producer = bench.bus.producer()
    producer.produce(POSTS, [NewRecord("x", b"{}", {})])
    producer.close()
    assert bench.run() == []
    (letter,) = bench.database.read(dead_letters.list_letters)
    assert "PostRecord" in letter.reason


def test_a_model_that_is_not_there_stops_the_stage(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"manifest\.json"):
        make_process(
            database=bench.database,
            bus=bench.bus,
            settings=Settings.load(model_dir=tmp_path / "nowhere"),
            clock=bench.clock,
            owner="test",
        )

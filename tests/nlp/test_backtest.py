"""A change is tried before it is applied: on the stream, on posts, within bounds."""

import threading
from pathlib import Path

import pytest

from askwatch.bus.base import NewRecord
from askwatch.bus.sqlite import SqliteBus
from askwatch.clock import ManualClock
from askwatch.events import POSTS, PostKind
from askwatch.model.adaptation import Adaptation, Layer
from askwatch.model.backtest import BacktestRequest
from askwatch.model.ids import PostId, TopicId
from askwatch.model.lead import Lane
from askwatch.model.post import Post
from askwatch.model.topic import Topic
from askwatch.settings import Settings
from askwatch.state import adaptations, backtests, feedback, suppression, topics
from askwatch.state.engine import Database
from nlp.backtest import Backtest, read_stream
from nlp.configured import Configuration, ConfiguredUnderstander
from nlp.duties import Duties, read_configurations
from tests.nlp.taps import make_taps
from tests.nlp.test_stage import ASK, AT, CHATTER, SOURCE, make_record

AGAINST = Configuration(adaptation=Adaptation(layer=Layer(bias=-6.0), review_shift=2.0), version=1)


@pytest.fixture(scope="module")
def understander() -> ConfiguredUnderstander:
    return ConfiguredUnderstander()


@pytest.fixture
def bus(tmp_path: Path, clock: ManualClock) -> SqliteBus:
    opened = SqliteBus(tmp_path / "bus.db", partitions=2, retention_s=3600.0, clock=clock)
    opened.ensure_streams([POSTS])
    producer = opened.producer()
    records = [
        make_record(ASK),
        make_record(CHATTER, post_id="2"),
        make_record(ASK, post_id="3", author_hash="gone"),
        make_record("", post_id="4", kind=PostKind.DELETED),
    ]
    producer.produce(POSTS, [NewRecord(each.key, each.to_bytes()) for each in records])
    producer.produce(POSTS, [NewRecord("5", b"no record")])
    producer.close()
    return opened


def make_post(text: str, post_id: str = "1") -> Post:
    return Post(
        source_id=SOURCE,
        post_id=PostId(post_id),
        text=text,
        url="https://example.org/1",
        published_at=AT,
        observed_at=AT,
    )


def make_backtest(
    understander: ConfiguredUnderstander, after: Configuration, clock: ManualClock
) -> Backtest:
    return Backtest(
        present=understander,
        proposed=understander,
        before=Configuration(),
        after=after,
        clock=clock,
    )


def test_what_would_be_lost_is_told_with_its_link(
    understander: ConfiguredUnderstander, clock: ManualClock
) -> None:
    posts = [make_post(ASK), make_post(CHATTER, "2")]
    test = make_backtest(understander, AGAINST, clock)
    result = test.run(posts, most_posts=100, most_seconds=60)
    assert (result.posts, result.lost, result.alerts_lost, result.found) == (2, 1, 1, 0)
    assert (result.before.alert, result.after.none, result.cut) == (1, 2, "")
    (example,) = result.examples
    assert (example.post_id, example.url) == ("1", "https://example.org/1")
    assert (example.before, example.after) == (Lane.ALERT, Lane.NONE)
    assert ASK not in result.model_dump_json()


def test_the_other_way_round_it_is_found_and_understood_whole(
    understander: ConfiguredUnderstander, clock: ManualClock
) -> None:
    test = Backtest(
        present=understander,
        proposed=understander,
        before=AGAINST,
        after=Configuration(),
        clock=clock,
    )
    result = test.run([make_post(ASK)], most_posts=100, most_seconds=60)
    assert (result.found, result.alerts_gained) == (1, 1)
    (low,) = understander.understand(["anyone know a good plumber?"], Configuration())
    opened = Configuration(alert=0.9, review=max(0.001, low.probability / 2))
    (lifted,) = understander.understand(["anyone know a good plumber?"], opened)
    assert lifted.lane is not Lane.NONE
    assert lifted.signature


def test_higher_thresholds_take_alerts_to_the_review(
    understander: ConfiguredUnderstander, clock: ManualClock
) -> None:
    strict = Configuration(alert=0.99999, review=0.05)
    result = make_backtest(understander, strict, clock).run(
        [make_post(ASK)], most_posts=10, most_seconds=60
    )
    assert (result.alerts_lost, result.lost, result.after.review) == (1, 0, 1)


def test_a_backtest_says_when_it_was_cut(
    understander: ConfiguredUnderstander, clock: ManualClock
) -> None:
    posts = [make_post(CHATTER, str(number)) for number in range(150)]
    test = make_backtest(understander, Configuration(), clock)
    result = test.run(posts, most_posts=120, most_seconds=60)
    assert (result.posts, result.cut) == (120, "stopped after 120 posts")
    assert test.run(posts[:100], most_posts=100, most_seconds=60).cut == ""
    assert test.run(posts, most_posts=100, most_seconds=60).cut == "stopped after 100 posts"
    late = test.run(posts, most_posts=500, most_seconds=-1)
    assert (late.posts, late.cut) == (0, "stopped after -1 s")
    stop = threading.Event()
    stop.set()
    assert "process ends" in test.run(posts, most_posts=500, most_seconds=60, stop=stop).cut


def test_the_stream_is_read_from_its_beginning_without_suppressed_authors(
    bus: SqliteBus, sqlite_database: Database
) -> None:
    sqlite_database.write(lambda tx: suppression.add(tx, "gone", "opt_out", now=AT))
    found = sorted(post.post_id for post in read_stream(bus, sqlite_database))
    assert found == ["1", "2"]
    bus.close()


def test_a_request_is_compared_with_what_is_applied(sqlite_database: Database) -> None:
    topic = Topic(topic_id=TopicId("crm"), name="CRM")
    content = Adaptation(alert_shift=0.5)

    def write(tx: object) -> None:
        topics.put_topic(tx, topic, now=AT)  # type: ignore[arg-type]  # a transaction
        adaptations.add(tx, content, is_better=True, figures={}, actor="cli", now=AT)  # type: ignore[arg-type]  # as above

    sqlite_database.write(write)
    before, after = read_configurations(sqlite_database, BacktestRequest(alert=0.7))
    assert (before.version, after.version, after.alert) == (1, 1, 0.7)
    _, alone = read_configurations(sqlite_database, BacktestRequest(adaptation=0))
    assert alone.version == 0
    _, same = read_configurations(sqlite_database, BacktestRequest(adaptation=1, topics=(topic,)))
    assert same.version == 1
    assert same.topics is not None


def make_duties(
    database: Database, bus: SqliteBus, clock: ManualClock, **settings: object
) -> Duties:
    return Duties(
        database=database,
        bus=bus,
        settings=Settings(**settings),  # type: ignore[arg-type]  # pydantic checks the values
        clock=clock,
        owner="nlp-test",
    )


def test_the_language_stage_works_on_what_was_asked_for(
    sqlite_database: Database, bus: SqliteBus, clock: ManualClock
) -> None:
    now = clock.now()
    request = BacktestRequest(alert=0.99999, most_posts=10)
    asked = sqlite_database.write(lambda tx: backtests.ask_for(tx, request, actor="a", now=now))
    gone = BacktestRequest(adaptation=9)
    failing = sqlite_database.write(lambda tx: backtests.ask_for(tx, gone, actor="a", now=now))
    duties = make_duties(sqlite_database, bus, clock, learn_hours=0)
    for _ in range(3):
        duties.tick(threading.Event())
    done = sqlite_database.read(lambda tx: backtests.find(tx, asked.backtest_id))
    assert done.result is not None
    assert (done.state, done.result.posts, done.result.alerts_lost) == ("done", 3, 2)
    failed = sqlite_database.read(lambda tx: backtests.find(tx, failing.backtest_id))
    assert (failed.state, failed.error) == ("failed", "there is no adaptation '9'")
    assert duties.stats() == {"backtests": 1, "lessons": 0}
    bus.close()


def test_it_learns_once_a_day_and_only_from_new_taps(
    sqlite_database: Database, bus: SqliteBus, clock: ManualClock
) -> None:
    for tap in make_taps(25):
        sqlite_database.write(lambda tx, tap=tap: feedback.give(tx, tap))  # type: ignore[misc]  # a default binds the loop's value
    few = make_duties(sqlite_database, bus, clock, learn_from=26)
    few.tick(threading.Event())
    assert few.stats()["lessons"] == 0
    clock.advance(60)
    duties = make_duties(sqlite_database, bus, clock)
    duties.tick(threading.Event())
    clock.advance(700)
    duties.tick(threading.Event())
    clock.advance(25 * 3600)
    duties.tick(threading.Event())
    assert duties.stats()["lessons"] == 1
    (row,) = sqlite_database.read(adaptations.list_adaptations)
    assert row.created_by == "system"
    assert row.figures["taps"] == 25
    bus.close()

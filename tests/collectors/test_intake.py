"""The one way from a source to the stream: compare, produce, remember."""

from datetime import timedelta

from prometheus_client import REGISTRY

from askwatch.bus.sqlite import SqliteBus
from askwatch.clock import ManualClock
from askwatch.events import PostKind
from askwatch.model.ids import PostId
from askwatch.model.post import Author, Post
from askwatch.state import sources, suppression
from askwatch.state.engine import Database
from collectors.intake import (
    Batch,
    Intake,
    make_author_removal,
    make_deletion,
    newest_publication,
    running,
)
from tests.collectors.builders import (
    FEED,
    NOW,
    find_row,
    make_post,
    make_source,
    put_source,
    read_stream,
)


def take(intake: Intake, *posts: Post, deleted: tuple[str, ...] = ()) -> Batch:
    batch = intake.compare(FEED, posts, [PostId(each) for each in deleted])
    intake.produce(FEED, batch.records)
    intake.remember(FEED, batch.seen, running(batch.records, cursor={"at": 1}))
    return batch


def test_a_new_post_is_observed_once(
    intake: Intake, sqlite_database: Database, bus: SqliteBus
) -> None:
    put_source(sqlite_database, make_source())
    take(intake, make_post())
    assert take(intake, make_post()) == Batch([], [])
    (record,) = read_stream(bus)
    assert (record.kind, record.revision, record.post) == (PostKind.OBSERVED, 1, make_post())
    row = find_row(sqlite_database)
    assert (row.cursor, row.status.posts_read, row.status.last_post_at) == ({"at": 1}, 1, NOW)


def test_what_was_not_remembered_is_said_again_in_the_same_words(
    intake: Intake, sqlite_database: Database
) -> None:
    put_source(sqlite_database, make_source())
    first = intake.compare(FEED, [make_post()])
    intake.produce(FEED, first.records)
    assert intake.compare(FEED, [make_post()]) == first


def test_an_edit_is_the_next_revision(intake: Intake) -> None:
    take(intake, make_post())
    (edited,) = take(intake, make_post(text="Haster! Kender nogen en revisor?")).records
    assert (edited.kind, edited.revision) == (PostKind.EDITED, 2)
    (again,) = take(intake, make_post()).records
    assert (again.kind, again.revision) == (PostKind.EDITED, 3)


def test_a_deletion_is_said_of_posts_that_were_seen(intake: Intake) -> None:
    take(intake, make_post())
    (gone,) = take(intake, deleted=("1", "never seen")).records
    assert (gone.kind, gone.post_id, gone.revision) == (PostKind.DELETED, "1", 2)
    assert take(intake, deleted=("1",)).records == []
    # Behind us it is forgotten, so one that comes back is new.
    (back,) = take(intake, make_post()).records
    assert (back.kind, back.revision) == (PostKind.OBSERVED, 3)


def test_posts_of_suppressed_authors_are_dropped_and_counted(
    intake: Intake, sqlite_database: Database
) -> None:
    author = intake.hash_of(FEED, "signe")
    sqlite_database.write(lambda tx: suppression.add(tx, author, "opt_out", now=NOW))
    labels = {"source": FEED, "reason": "suppressed"}
    before = REGISTRY.get_sample_value("askwatch_posts_refused_total", labels) or 0.0
    other = make_post(post_id=PostId("2"), author=Author(author_id="bo"))
    nobody = make_post(post_id=PostId("3"), author=Author())
    batch = take(intake, make_post(), other, nobody)
    assert [record.post_id for record in batch.records] == ["2", "3"]
    assert REGISTRY.get_sample_value("askwatch_posts_refused_total", labels) == before + 1


def test_removals_pass_whoever_is_suppressed(intake: Intake, sqlite_database: Database) -> None:
    author = intake.hash_of(FEED, "signe")
    removal = make_author_removal(FEED, author, at=NOW)
    deletion = make_deletion(FEED, PostId("1"), 2, at=NOW)
    observed = intake.record(PostKind.OBSERVED, make_post())
    assert intake.drop_suppressed([removal, deletion]) == [removal, deletion]
    assert intake.drop_suppressed([observed]) == [observed]
    sqlite_database.write(lambda tx: suppression.add(tx, author, "opt_out", now=NOW))
    assert intake.drop_suppressed([removal, observed, deletion]) == [removal, deletion]


def test_a_post_that_stays_in_its_feed_is_never_forgotten(
    intake: Intake, sqlite_database: Database, clock: ManualClock
) -> None:
    take(intake, make_post())
    later = NOW + timedelta(days=20)
    batch = take(intake, make_post(observed_at=later))
    assert batch.records == []
    assert [seen.seen_at for seen in batch.seen] == [later]
    gone = sqlite_database.write(
        lambda tx: sources.forget_seen(tx, before=NOW + timedelta(days=10))
    )
    assert gone == 0


def test_many_posts_are_compared_at_once(intake: Intake) -> None:
    posts = [make_post(post_id=PostId(str(number))) for number in range(2_500)]
    assert len(take(intake, *posts).records) == 2_500
    assert take(intake, *posts).records == []


def test_the_newest_publication_is_that_of_posts(intake: Intake) -> None:
    old = intake.record(PostKind.OBSERVED, make_post(published_at=NOW - timedelta(days=1)))
    gone = make_deletion(FEED, PostId("2"), 2, at=NOW)
    assert newest_publication([old, gone]) == NOW - timedelta(days=1)
    assert newest_publication([gone]) is None

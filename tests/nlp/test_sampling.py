"""Rejected posts are sampled by their ids, and let go when they are deleted."""

import pytest

from askwatch.clock import ManualClock
from askwatch.events import PostKind, PostRecord
from askwatch.model.lead import Intent, Lane, Understanding
from askwatch.state import rejected_posts, suppression
from askwatch.state.engine import Database
from nlp.sampling import RejectedSampler
from tests.nlp.test_stage import AT, SOURCE, make_record

REJECTED = Understanding(
    lang="und",
    intent=Intent.OTHER,
    probability=0.01,
    probabilities={},
    b2b_probability=0.0,
    lane=Lane.NONE,
)


def make_sampler(
    database: Database, clock: ManualClock, share: float = 1.0, per_hour: int = 30
) -> RejectedSampler:
    return RejectedSampler(database=database, clock=clock, share=share, per_hour=per_hour)


def keep(sampler: RejectedSampler, *records: PostRecord, lane: Lane = Lane.NONE) -> None:
    said = REJECTED.model_copy(update={"lane": lane})
    sampler.keep(records, {id(each): said for each in records if each.post})


def left(database: Database) -> list[str]:
    return [each.text for each in database.read(rejected_posts.list_unmarked)]


def test_a_rejected_post_is_kept_and_reading_it_again_changes_nothing(
    database: Database, clock: ManualClock
) -> None:
    sampler = make_sampler(database, clock)
    record = make_record("lovely sunset")
    keep(sampler, record)
    keep(sampler, record)
    assert left(database) == ["lovely sunset"]


def test_the_same_share_of_posts_is_chosen_every_time(
    sqlite_database: Database, clock: ManualClock
) -> None:
    sampler = make_sampler(sqlite_database, clock, share=0.1)
    records = [make_record("x", post_id=str(number)) for number in range(2_000)]
    chosen = [record.post_id for record in records if sampler.belongs(record)]
    assert 150 <= len(chosen) <= 250
    assert chosen == [record.post_id for record in records if sampler.belongs(record)]
    none = make_sampler(sqlite_database, clock, share=0.0)
    assert not any(none.belongs(record) for record in records)


def test_leads_hand_ins_and_empty_posts_are_in_no_sample(
    sqlite_database: Database, clock: ManualClock
) -> None:
    sampler = make_sampler(sqlite_database, clock)
    keep(sampler, make_record("ask"), lane=Lane.REVIEW)
    keep(sampler, make_record("mine", handed_in_by="anna"))
    keep(sampler, make_record("  "))
    keep(sampler, make_record("edited", kind=PostKind.EDITED))
    assert left(sqlite_database) == []


def test_no_more_than_so_many_are_kept_in_an_hour(
    sqlite_database: Database, clock: ManualClock
) -> None:
    sampler = make_sampler(sqlite_database, clock, per_hour=2)
    for number in range(5):
        keep(sampler, make_record(str(number), post_id=str(number)))
    assert len(left(sqlite_database)) == 2


@pytest.mark.parametrize("kind", [PostKind.DELETED, PostKind.EDITED])
def test_a_post_that_is_deleted_or_edited_is_gone(
    database: Database, clock: ManualClock, kind: PostKind
) -> None:
    sampler = make_sampler(database, clock)
    keep(sampler, make_record("one"), make_record("two", post_id="2"))
    keep(sampler, make_record("one", kind=kind), lane=Lane.REVIEW)
    assert left(database) == ["two"]


def test_a_removed_author_is_gone_and_stays_away(database: Database, clock: ManualClock) -> None:
    sampler = make_sampler(database, clock)
    record = make_record("one", author_hash="hash")
    keep(sampler, record)
    removal = PostRecord(
        event_id=record.event_id,
        kind=PostKind.AUTHOR_REMOVED,
        at=AT,
        source_id=SOURCE,
        author_hash="hash",
    )
    keep(sampler, removal)
    assert left(database) == []
    database.write(lambda tx: suppression.add(tx, "hash", "opt_out", now=clock.now()))
    keep(sampler, record)
    assert left(database) == []

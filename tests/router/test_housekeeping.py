"""Once a minute, what must not stay goes and the miss rate is published."""

from datetime import timedelta

from prometheus_client import REGISTRY

from askwatch.clock import ManualClock
from askwatch.model.feedback import Features
from askwatch.model.ids import PostId, SourceId
from askwatch.model.post import Post
from askwatch.state import rejected_posts
from askwatch.state.engine import Database
from askwatch.state.feedback import hash_post
from askwatch.state.rejected_posts import Mark, Rejected
from router.housekeeping import EVERY_S, Housekeeping


def rate(bound: str) -> float | None:
    return REGISTRY.get_sample_value("askwatch_miss_rate", {"bound": bound})


def test_text_goes_after_a_day_and_the_miss_rate_is_published(
    database: Database, clock: ManualClock
) -> None:
    now = clock.now()
    post = Post(
        source_id=SourceId("feed"),
        post_id=PostId("1"),
        text="Who knows a plumber?",
        published_at=now,
        observed_at=now,
    )
    sample = [Rejected(post, "hash", Features())]
    database.write(lambda tx: rejected_posts.add(tx, sample, per_hour=9, now=now))
    housekeeping = Housekeeping(database=database, clock=clock)
    assert housekeeping.tick()
    assert not housekeeping.tick()
    assert (rate("low"), rate("high")) == (0.0, 1.0)
    sample_id = hash_post(post.source_id, post.post_id)
    database.write(
        lambda tx: rejected_posts.mark(tx, sample_id, Mark.ASK, actor="expert:anna", now=now)
    )
    clock.advance(EVERY_S)
    assert housekeeping.tick()
    assert rate("share") == 1.0
    assert database.read(lambda tx: rejected_posts.find(tx, sample_id)).text
    clock.advance(timedelta(days=1).total_seconds())
    assert housekeeping.tick()
    assert REGISTRY.get_sample_value("askwatch_rejected_marked") == 1
    gone = database.read(lambda tx: rejected_posts.read_miss_rate(tx, since=now))
    assert gone.marked == 1
    assert database.read(rejected_posts.list_unmarked) == []

"""Tries a change on posts that were read already: what would be found, lost and alerted."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import partial

from askwatch.bus.base import Bus, Record
from askwatch.clock import Clock
from askwatch.errors import BadRecordError
from askwatch.events import POSTS, PostKind, PostRecord
from askwatch.model.backtest import EXAMPLES, BacktestResult, Example, LaneCounts
from askwatch.model.lead import Lane, Understanding
from askwatch.model.post import Post
from askwatch.state import suppression
from askwatch.state.engine import Database
from nlp.configured import Configuration, ConfiguredUnderstander

_BATCH = 100
# Of the first poll of a broker; what is there in a file comes at once.
_POLL_S = 5.0
_READ = frozenset({PostKind.OBSERVED, PostKind.EDITED})


class Backtest:
    """Compares two configurations, and perhaps two models, post by post."""

    def __init__(
        self,
        *,
        present: ConfiguredUnderstander,
        proposed: ConfiguredUnderstander,
        before: Configuration,
        after: Configuration,
        clock: Clock,
    ) -> None:
        self._present, self._proposed, self._clock = present, proposed, clock
        self._before, self._after = before, after

    def run(
        self,
        posts: Iterable[Post],
        *,
        most_posts: int,
        most_seconds: float,
        stop: threading.Event | None = None,
    ) -> BacktestResult:
        """Return what the change would do to `posts`; says so when not all of them were read."""
        began_s = self._clock.monotonic()
        tally = _Tally()
        for batch in _in_batches(posts, _BATCH):
            room = most_posts - tally.posts
            if room <= 0:
                tally.cut = f"stopped after {most_posts} posts"
            elif self._clock.monotonic() - began_s > most_seconds:
                tally.cut = f"stopped after {most_seconds:g} s"
            elif stop is not None and stop.is_set():
                tally.cut = "stopped since the process ends"
            if tally.cut:
                break
            if len(batch) > room:
                tally.cut, batch = f"stopped after {most_posts} posts", batch[:room]  # noqa: PLW2901 - only what there is room for
            self._compare(batch, tally)
            if tally.cut:
                break
        return tally.to_result(self._clock.monotonic() - began_s)

    def _compare(self, posts: list[Post], tally: "_Tally") -> None:
        texts = [post.full_text for post in posts]
        dates = [post.published_at.date() for post in posts]
        before = self._present.understand(texts, self._before, posted_on=dates)
        after = self._proposed.understand(texts, self._after, posted_on=dates)
        for post, old, new in zip(posts, before, after, strict=True):
            tally.add(post, old, new)


class _Tally:
    """What was counted up to now."""

    def __init__(self) -> None:
        self.posts, self.cut = 0, ""
        self._before: Counter[Lane] = Counter()
        self._after: Counter[Lane] = Counter()
        self._moves: Counter[tuple[Lane, Lane]] = Counter()
        self._examples: list[Example] = []

    def add(self, post: Post, before: Understanding, after: Understanding) -> None:
        self.posts += 1
        self._before[before.lane] += 1
        self._after[after.lane] += 1
        if before.lane is after.lane:
            return
        self._moves[before.lane, after.lane] += 1
        if len(self._examples) < EXAMPLES:
            example = Example(
                source_id=post.source_id,
                post_id=post.post_id,
                url=post.url,
                before=before.lane,
                after=after.lane,
                probability_before=before.probability,
                probability_after=after.probability,
            )
            self._examples.append(example)

    def to_result(self, seconds: float) -> BacktestResult:
        return BacktestResult(
            posts=self.posts,
            cut=self.cut,
            before=_count(self._before),
            after=_count(self._after),
            found=self._count(lambda before, _: before is Lane.NONE),
            lost=self._count(lambda _, after: after is Lane.NONE),
            alerts_gained=self._count(lambda _, after: after is Lane.ALERT),
            alerts_lost=self._count(lambda before, _: before is Lane.ALERT),
            examples=tuple(self._examples),
            seconds=round(seconds, 2),
        )

    def _count(self, fits: Callable[[Lane, Lane], bool]) -> int:
        return sum(count for (before, after), count in self._moves.items() if fits(before, after))


def read_stream(bus: Bus, database: Database) -> Iterator[Post]:
    """Yield the posts that are still on the stream, oldest first in each partition.

    Posts of authors who must not be stored are left out. Deleted ones may be among them: nothing
    is kept of a post but what `Example` says.
    """
    left = bus.size(POSTS)
    with closing(bus.tail(POSTS, from_oldest=True)) as tail:
        while left > 0:
            records = tail.poll(max_records=min(_BATCH, left), timeout_s=_POLL_S)
            if not records:
                return
            left -= len(records)
            posts = [each for each in map(_read, records) if each is not None]
            authors = [each.author_hash for each in posts]
            gone = database.read(partial(suppression.find_suppressed, author_hashes=authors))
            yield from (each.post for each in posts if each.post and each.author_hash not in gone)


def _read(record: Record) -> PostRecord | None:
    """Return a record with a post in it; None for any other."""
    try:
        read = PostRecord.from_bytes(record.value)
    except BadRecordError:
        return None  # the language stage has it among the dead letters
    return read if read.kind in _READ and read.post is not None else None


def _count(lanes: Counter[Lane]) -> LaneCounts:
    return LaneCounts(alert=lanes[Lane.ALERT], review=lanes[Lane.REVIEW], none=lanes[Lane.NONE])


def _in_batches(posts: Iterable[Post], size: int) -> Iterator[list[Post]]:
    batch: list[Post] = []
    for post in posts:
        batch.append(post)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch

"""Reads one feed: when it is due, what is new in it, and what its row says of that.

A read is a fetch by the crawler, then the work on the answer in a thread of the pool. What is new
goes to the bus first and into the row second, piece by piece; the validators of the next
conditional request are kept only after the last piece.
"""

import hashlib
import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from datetime import datetime, timedelta

from askwatch.clock import Clock
from askwatch.errors import AskwatchError, RetryableError
from askwatch.model.ids import PostId
from askwatch.model.post import Post
from askwatch.model.source import Source
from askwatch.observe import POSTS_REFUSED, SOURCE_ERRORS
from askwatch.state.sources import Report, SourceRow
from collectors.feed_format import open_feed
from collectors.feed_options import FeedOptions, read_options
from collectors.feed_read import FeedRead
from collectors.feed_state import FeedState
from collectors.fetch import Fetch, Fetched, FetchError, Outcome
from collectors.intake import Intake, newest_publication

log = logging.getLogger(__name__)

# What a failure of ours (database, bus) waits for; the site is not to blame.
_OWN_PAUSE = timedelta(seconds=30)
_BROKEN_PAUSE = timedelta(hours=1)
_STATUS_TEXTS = {
    401: "the feed wants a sign-in (401)",
    403: "the site refuses to show us the feed (403)",
    404: "there is no feed at this address (404)",
    410: "the feed is gone for good (410): take the source out",
    429: "the site asked us to come less often (429)",
}


class FeedReader:
    """Reads the feed of one source while its lease is held. See `collectors.base.Reader`."""

    def __init__(
        self,
        source: Source,
        *,
        fetch: Callable[[Fetch], None],
        pool: Executor,
        intake: Intake,
        clock: Clock,
    ) -> None:
        self._source, self._source_id = source, source.source_id
        self._fetch, self._pool = fetch, pool
        self._intake, self._clock = intake, clock
        # Held while something is written, so that nothing is after `stop` has returned.
        self._lock = threading.Lock()
        self._is_stopped, self._is_busy = False, False
        # The row that a tick brings may be older than the last report.
        self._not_before: datetime | None = None
        self._state, self._options = FeedState(), FeedOptions()

    def tick(self, row: SourceRow) -> None:
        now = self._clock.now()
        due = [at for at in (row.next_read_at, self._not_before) if at is not None]
        if self._is_busy or any(now < at for at in due):
            return
        self._is_busy = True
        self._state = FeedState.from_cursor(row.cursor)
        try:
            self._options = read_options(self._source)
            headers = self._state.conditions(now)
            self._fetch(Fetch(url=self._source.url, headers=headers, done=self._receive))
        except AskwatchError as error:
            # Telling it writes to the database, which a tick must not wait for.
            self._begin(self._fail, error)

    def stop(self) -> None:
        with self._lock:
            self._is_stopped = True

    def _receive(self, outcome: Outcome) -> None:
        """Called by the crawler's thread, which must not be held up."""
        self._begin(self._take, outcome)

    def _begin(self, work: Callable[..., None], *given: object) -> None:
        try:
            self._pool.submit(work, *given).add_done_callback(self._finish)
        except RuntimeError:
            log.debug("pool is closed", extra={"source_id": self._source_id})

    def _finish(self, work: "Future[None]") -> None:
        error = work.exception()
        if error is not None:
            # A fault of ours: this source waits, all others go on.
            SOURCE_ERRORS.labels(source=self._source_id, reason="internal").inc()
            fields = {"source_id": self._source_id, "error": type(error).__name__}
            log.error("feed reader broke", extra=fields)
            self._not_before = self._clock.now() + _BROKEN_PAUSE
        self._is_busy = False

    def _take(self, outcome: Outcome) -> None:
        try:
            if isinstance(outcome, FetchError):
                raise outcome
            self._read(outcome)
        except AskwatchError as error:
            self._fail(error)

    def _read(self, answer: Fetched) -> None:
        _check_status(answer)
        now = self._clock.now()
        digest = hashlib.blake2b(answer.body, digest_size=16).hexdigest()
        if answer.status == 304 or self._state.is_same(digest, now):
            self._succeed(self._state.unchanged(), 0)
            return
        content_type = answer.headers.get("content-type", "")
        feed = open_feed(answer.body, url=answer.url, content_type=content_type)
        read = FeedRead(feed, self._options, source_id=self._source_id, now=now)
        count = sum(self._take_piece(posts, ()) for posts in read.pieces())
        count += self._take_piece((), read.deleted)
        self._count_odd(read)
        state = FeedState.after(answer.headers, digest, now, note=read.message)
        self._succeed(state, count)

    def _take_piece(self, posts: Sequence[Post], deleted: Sequence[PostId]) -> int:
        """Produce what is new among `posts`, then remember it; return how many that were."""
        with self._lock:
            if self._is_stopped:
                raise _StoppedError
            batch = self._intake.compare(self._source_id, posts, deleted)
            self._intake.produce(self._source_id, batch.records)
            if batch.seen:
                report = Report(
                    state="running",
                    posts=len(batch.records),
                    last_post_at=newest_publication(batch.records),
                )
                self._intake.remember(self._source_id, batch.seen, report)
        return len(batch.records)

    def _count_odd(self, read: FeedRead) -> None:
        for reason, count in (("empty", read.empty), ("left_out", read.left_out)):
            POSTS_REFUSED.labels(source=self._source_id, reason=reason).inc(count)
        if read.trouble:
            SOURCE_ERRORS.labels(source=self._source_id, reason="broken_entries").inc()

    def _succeed(self, state: FeedState, count: int) -> None:
        # The posts were counted with their pieces.
        next_read_at = self._clock.now() + self._options.interval
        self._report(
            Report(
                state="running",
                message=state.note,
                cursor=state.to_cursor(),
                next_read_at=next_read_at,
            )
        )
        log.debug("feed read", extra={"source_id": self._source_id, "posts": count})

    def _fail(self, error: AskwatchError) -> None:
        if isinstance(error, _StoppedError):
            return
        reason, state, next_read_at = self._judge(error)
        SOURCE_ERRORS.labels(source=self._source_id, reason=reason).inc()
        log.warning("feed not read", extra={"source_id": self._source_id, "reason": reason})
        failure = Report(
            state="failing",
            errors=1,
            message=str(error),
            cursor=state.to_cursor(),
            next_read_at=next_read_at,
        )
        try:
            self._report(failure)
        except RetryableError:
            # The database is what failed; the next read says so or heals it.
            log.warning("source status not written", extra={"source_id": self._source_id})

    def _judge(self, error: AskwatchError) -> tuple[str, FeedState, datetime]:
        """Return the word for the counter, the state to keep, and when to try again."""
        now = self._clock.now()
        if isinstance(error, RetryableError):
            return "unavailable", self._state, now + _OWN_PAUSE
        state = self._state.failed()
        next_read_at = now + self._options.pause_after(state.failures)
        if isinstance(error, FetchError) and error.retry_at is not None:
            next_read_at = max(next_read_at, error.retry_at)
        return getattr(error, "reason", "configuration"), state, next_read_at

    def _report(self, result: Report) -> None:
        with self._lock:
            if self._is_stopped:
                return
            self._not_before = result.next_read_at
            self._intake.remember(self._source_id, [], result)


class _StoppedError(AskwatchError):
    """The lease is not ours any more."""


def _check_status(answer: Fetched) -> None:
    if answer.headers.get("tdm-reservation", "").strip() == "1":
        raise FetchError("reserved", "the site reserves its texts from being evaluated (TDM)")
    if answer.status == 304 or 200 <= answer.status < 300:
        return
    other = f"the site answers with an error of its own ({answer.status})"
    text = _STATUS_TEXTS.get(answer.status, other)
    raise FetchError(f"status_{answer.status}", text, retry_at=answer.retry_at)

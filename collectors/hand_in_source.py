"""The source of hand-ins: fetches the pages whose bare links colleagues brought.

A page that may not or cannot be read costs its sender one more step: the hand-in asks for its
text and says why. Nothing is tried behind their back for hours; they are waiting.
"""

import logging
import re
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import datetime, timedelta

from askwatch.clock import Clock
from askwatch.errors import RetryableError
from askwatch.observe import SOURCE_ERRORS
from askwatch.state import hand_ins
from askwatch.state.engine import Database
from askwatch.state.hand_ins import HAND_IN_SOURCE, HandIn
from askwatch.state.sources import SourceRow
from collectors.fetch import Fetch, Fetched, FetchError, Outcome
from collectors.hand_in_post import HandInPosts, is_too_short
from collectors.normalise import RefusedPostError
from collectors.page import PAGE_LIMIT_BYTES, read_page

log = logging.getLogger(__name__)

# A colleague waits for the answer.
_TIMEOUT_S = 15.0
_AT_ONCE = 20
_OWN_PAUSE = timedelta(seconds=5)
_ASK = "paste the text of the post"
_STATUS_TEXTS = {
    401: "the page wants a sign-in",
    403: "the site does not show the page to us",
    404: "there is no page behind the link",
    410: "the page is gone",
    429: "the site asked us to wait",
}
# What the crawler says of a source, in words for the colleague who brought a link.
_REASON_TEXTS = {
    "robots": "the site's robots.txt does not let its page be read by machines",
    "private_address": "the link leads into a private network",
    "dns": "the link leads to a site that does not exist",
    "redirects": "the link leads in circles",
    "asked_to_wait": "the site asked us to wait",
    "unreachable": "the site cannot be reached",
    "timeout": "the site did not answer in time",
    "too_large": "the page is too large",
    "internal": "the page could not be understood",
}
_SIGN_IN = re.compile(
    r"[/._?=-](?:log-?in|sign-?in|sign_in|auth|sso)(?:[/._?&=-]|$)", re.IGNORECASE
)


class HandInReader:
    """See `collectors.base.Reader`."""

    def __init__(
        self,
        *,
        fetch: Callable[[Fetch], None],
        pool: Executor,
        database: Database,
        posts: HandInPosts,
        clock: Clock,
    ) -> None:
        self._fetch, self._pool = fetch, pool
        self._database, self._posts, self._clock = database, posts, clock
        self._lock = threading.Lock()
        self._is_stopped = False
        self._under_way: set[str] = set()
        self._not_before: datetime | None = None

    def tick(self, row: SourceRow) -> None:  # noqa: ARG002 - what to read stands elsewhere
        if self._not_before is not None and self._clock.now() < self._not_before:
            return
        if len(self._under_way) >= _AT_ONCE:
            return
        for hand_in in self._database.read(lambda tx: hand_ins.take_fetching(tx, limit=_AT_ONCE)):
            if hand_in.hand_in_id not in self._under_way:
                self._begin(hand_in)

    def stop(self) -> None:
        with self._lock:
            self._is_stopped = True

    def _begin(self, hand_in: HandIn) -> None:
        self._under_way.add(hand_in.hand_in_id)
        try:
            self._fetch(
                Fetch(
                    url=hand_in.url,
                    done=lambda outcome: self._receive(hand_in, outcome),
                    is_page=True,
                    size_limit_bytes=PAGE_LIMIT_BYTES,
                    timeout_s=_TIMEOUT_S,
                )
            )
        except RetryableError as error:
            self._wait(hand_in, error)

    def _receive(self, hand_in: HandIn, outcome: Outcome) -> None:
        """Called by the crawler's thread, which must not be held up."""
        try:
            work = self._pool.submit(self._take, hand_in, outcome)
        except RuntimeError:
            log.debug("pool is closed", extra={"hand_in_id": hand_in.hand_in_id})
        else:
            work.add_done_callback(lambda done: self._finish(hand_in, done))

    def _finish(self, hand_in: HandIn, work: "Future[None]") -> None:
        error = work.exception()
        if isinstance(error, RetryableError):
            self._wait(hand_in, error)
            return
        if error is not None:
            fields = {"hand_in_id": hand_in.hand_in_id, "error": type(error).__name__}
            log.error("hand-in reader broke", extra=fields)
            self._receive(hand_in, FetchError("internal", "the page could not be understood"))
            return
        self._under_way.discard(hand_in.hand_in_id)

    def _wait(self, hand_in: HandIn, error: RetryableError) -> None:
        """Leave the hand-in as it is; a later tick takes it again."""
        log.warning("hand-in waits", extra={"reason": str(error)})
        self._not_before = self._clock.now() + _OWN_PAUSE
        self._under_way.discard(hand_in.hand_in_id)

    def _take(self, hand_in: HandIn, outcome: Outcome) -> None:
        with self._lock:
            if self._is_stopped:
                return
            try:
                self._pass_on(hand_in, outcome)
            except FetchError as error:
                if error.reason != "crawler":
                    self._ask_for_text(hand_in, error)

    def _pass_on(self, hand_in: HandIn, outcome: Outcome) -> None:
        if isinstance(outcome, FetchError):
            raise outcome
        _check(outcome, hand_in)
        page = read_page(outcome.body, content_type=outcome.headers.get("content-type", ""))
        if is_too_short(page.text):
            raise FetchError("too_short", "the page shows too little text to us")
        try:
            self._posts.pass_on(
                hand_in, title=page.title, text=page.text, published_at=page.published_at
            )
        except RefusedPostError as error:
            raise FetchError("too_short", "the page shows too little text to us") from error

    def _ask_for_text(self, hand_in: HandIn, error: FetchError) -> None:
        SOURCE_ERRORS.labels(source=HAND_IN_SOURCE, reason=error.reason).inc()
        said = _REASON_TEXTS.get(error.reason, str(error))
        reason = said if _ASK in said else f"{said}: {_ASK}"
        now = self._clock.now()
        self._database.write(
            lambda tx: hand_ins.set_needs_text(tx, hand_in.hand_in_id, reason, now=now)
        )
        log.info("hand-in asks for its text", extra={"reason": error.reason})


def _check(answer: Fetched, hand_in: HandIn) -> None:
    if answer.headers.get("tdm-reservation", "").strip() == "1":
        raise FetchError("reserved", "the site reserves its texts from being read by machines")
    if _SIGN_IN.search(answer.url) and not _SIGN_IN.search(hand_in.url):
        raise FetchError("sign_in", _STATUS_TEXTS[401])
    if answer.status != 200:
        other = f"the site answers with an error ({answer.status})"
        raise FetchError(f"status_{answer.status}", _STATUS_TEXTS.get(answer.status, other))

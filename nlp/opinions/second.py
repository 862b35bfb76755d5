"""Asks the second reader about the unsure posts of a batch, within time, budget and patience."""

import logging
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from askwatch.clock import Clock
from askwatch.observe import (
    SECOND_OPINION_SECONDS,
    SECOND_OPINIONS,
    SECOND_OPINIONS_ASKED,
)
from nlp.opinions.base import NoOpinionError, Reader, SecondOpinion
from nlp.opinions.breaker import Breaker
from nlp.opinions.budget import Budget

# What is read of a longer text: an ask stands at its beginning or end.
_HEAD, _TAIL = 3_000, 1_000
# A batch waits no longer than so many time-outs, however many of its posts are unsure.
_PATIENCE = 3

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Terms:
    """When the second reader is asked, and what its opinion weighs."""

    unsure_from: float  # P(ask) of the packaged model
    unsure_to: float
    share: float  # of the log-probabilities, in [0, 1]
    timeout_s: float
    per_minute: int  # 0: no limit
    per_day: int


class SecondReader:
    """A reader with a budget, a breaker and threads; used from one thread, which waits."""

    def __init__(self, reader: Reader, *, terms: Terms, clock: Clock) -> None:
        self._reader, self._terms, self._clock = reader, terms, clock
        self._budget = Budget(clock, per_minute=terms.per_minute, per_day=terms.per_day)
        self._breaker = Breaker(clock, reader=reader.kind)
        self._pool = ThreadPoolExecutor(reader.texts_at_once, thread_name_prefix="second-opinion")

    @property
    def name(self) -> str:
        """The reader's name, for a lead's `model`."""
        return self._reader.name

    @property
    def share(self) -> float:
        """What its opinion weighs beside the packaged one, in [0, 1]."""
        return self._terms.share

    def wants(self, ask: float) -> bool:
        """Tell whether a post with this P(ask) is unsure enough to be read again."""
        return self._terms.unsure_from <= ask <= self._terms.unsure_to

    def ask(self, texts: Sequence[str]) -> list[SecondOpinion | None]:
        """Return an opinion on each text, all asked side by side; None where there is none.

        Every None is counted with its reason; the packaged opinion stands then.
        """
        asked = [self._pool.submit(self._read, shorten(text)) for text in texts]
        wait(asked, timeout=_PATIENCE * self._terms.timeout_s)
        return [self._settle(each) for each in asked]

    def close(self) -> None:
        """Ask no more, without waiting for what is under way."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._reader.close()

    def _read(self, text: str) -> SecondOpinion:
        if not self._breaker.admit():
            raise NoOpinionError("paused")
        if not self._budget.take():
            raise NoOpinionError("over_budget")
        SECOND_OPINIONS_ASKED.labels(reader=self._reader.kind).inc()
        began_s = self._clock.monotonic()
        try:
            opinion = self._reader.read(text)
        except NoOpinionError as error:
            if error.is_fault:
                self._breaker.fail(wait_s=error.wait_s)
            else:
                self._breaker.succeed()  # it answers; a post alone must not silence it for all
            raise
        finally:
            taken_s = self._clock.monotonic() - began_s
            SECOND_OPINION_SECONDS.labels(reader=self._reader.kind).observe(taken_s)
        self._breaker.succeed()
        return opinion

    def _settle(self, asked: Future[SecondOpinion]) -> SecondOpinion | None:
        if not asked.done():
            if not asked.cancel():
                self._breaker.fail()
            self._note_missing(NoOpinionError("late"))
            return None
        try:
            opinion = asked.result()
        except NoOpinionError as error:
            self._note_missing(error)
            return None
        SECOND_OPINIONS.labels(reader=self._reader.kind, result="answered").inc()
        return opinion

    def _note_missing(self, error: NoOpinionError) -> None:
        kind = self._reader.kind
        SECOND_OPINIONS.labels(reader=kind, result=error.reason).inc()
        if error.reason not in {"paused", "over_budget"}:
            fields = {"reader": kind, "reason": error.reason, "status": error.status}
            log.info("second opinion missing", extra=fields)


def shorten(text: str) -> str:
    """Return what is read of a text: all of it, or its beginning and its end."""
    return text if len(text) <= _HEAD + _TAIL else f"{text[:_HEAD]} ... {text[-_TAIL:]}"

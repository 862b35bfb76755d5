"""What the language stage does beside the stream: it learns from taps, and works on back-tests.

One thread of the process, one lease for all of them: however many there are, one is learning.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path

from pydantic import JsonValue

from askwatch.bus.base import Bus
from askwatch.clock import Clock
from askwatch.errors import AskwatchError, ConfigurationError
from askwatch.model.backtest import BacktestRequest, BacktestResult
from askwatch.settings import Settings
from askwatch.state import adaptations, backtests, feedback, leases, topics
from askwatch.state.adaptations import AdaptationRow
from askwatch.state.engine import Database, Transaction
from nlp.backtest import Backtest, read_stream
from nlp.company import make_configuration
from nlp.configured import Configuration, ConfiguredUnderstander
from nlp.learning import Lesson, Sane, Setting, learn
from nlp.lessons import gather
from nlp.training.corpus import LabelledPost, read_corpus

log = logging.getLogger(__name__)

LEASE = "learn"
_LOOK_EVERY_S = 5.0
_LEARN_LOOK_EVERY_S = 600.0
_LEASE_S = 1_800.0
# A back-test that took so much longer than it may has lost its worker.
_GRACE_S = 60.0
# So many posts of our own corpus stand in for everything that nobody taps about.
_SANITY_POSTS = 200
_ACTOR = "system"


class Duties:
    """Looks for work of that kind until it is told to stop."""

    def __init__(
        self,
        *,
        database: Database,
        bus: Bus,
        settings: Settings,
        clock: Clock,
        owner: str,
    ) -> None:
        self._database, self._bus, self._clock = database, bus, clock
        self._settings, self._owner = settings, owner
        self._next_learning_s = float("-inf")
        self._backtests = self._lessons = 0

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        while not stop.is_set():
            try:
                self.tick(stop)
            except AskwatchError as error:
                log.warning("learning put off", extra={"reason": str(error)})
            stop.wait(_LOOK_EVERY_S)

    def stats(self) -> dict[str, JsonValue]:
        return {"backtests": self._backtests, "lessons": self._lessons}

    def tick(self, stop: threading.Event) -> None:
        """Do what is to be done now."""
        self._test(stop)
        now_s = self._clock.monotonic()
        if self._settings.learn_hours and now_s >= self._next_learning_s:
            self._next_learning_s = now_s + _LEARN_LOOK_EVERY_S
            self._learn()

    def _test(self, stop: threading.Event) -> None:
        now = self._clock.now()
        duration_s = 300.0 + _GRACE_S
        taken = self._database.write(lambda tx: backtests.take(tx, now=now, duration_s=duration_s))
        if taken is None:
            return
        try:
            result = run_on_stream(
                self._database, self._bus, self._settings, self._clock, taken.request, stop
            )
        except AskwatchError as error:
            reason = str(error)
            self._write(lambda tx, now: backtests.fail(tx, taken.backtest_id, reason, now=now))
            log.warning("back-test failed", extra={"reason": reason})
            return
        self._write(lambda tx, now: backtests.finish(tx, taken.backtest_id, result, now=now))
        self._backtests += 1
        log.info("back-test done", extra={"posts": result.posts, "seconds": result.seconds})

    def _learn(self) -> None:
        now = self._clock.now()
        if not self._database.read(self._is_due):
            return
        taken = self._database.write(
            lambda tx: leases.acquire(tx, LEASE, self._owner, now=now, duration_s=_LEASE_S)
        )
        # Another process may have learned between the look and the lease.
        if taken is None or not self._database.read(self._is_due):
            return
        lesson = learn_from_database(self._database, self._settings.model_dir)
        self._write(lambda tx, now: store(tx, lesson, actor=_ACTOR, now=now))
        self._write(lambda tx, now: leases.release(tx, LEASE, self._owner, now=now))
        self._lessons += 1
        log.info("learned from taps", extra={"is_better": lesson.is_better})

    def _is_due(self, transaction: Transaction) -> bool:
        """Tell whether there are enough taps, new ones, and the last lesson is long ago."""
        taps = feedback.list_taps(transaction)
        if len(taps) < self._settings.learn_from:
            return False
        newest = adaptations.list_adaptations(transaction, limit=1)
        if not newest:
            return True
        pause = timedelta(hours=self._settings.learn_hours)
        is_long_ago = newest[0].created_at + pause <= self._clock.now()
        return is_long_ago and taps[-1].given_at > newest[0].created_at

    def _write(self, work: Callable[[Transaction, datetime], object]) -> None:
        now = self._clock.now()
        self._database.write(lambda transaction: work(transaction, now))


def learn_from_database(database: Database, model_dir: Path | None) -> Lesson:
    """Return what all taps teach, against what is applied now.

    Raises:
        ConfigurationError: The model cannot be used.
    """
    understander = ConfiguredUnderstander(model_dir)
    taps = database.read(feedback.list_taps)
    active = database.read(topics.list_active)
    champion = database.read(adaptations.find_champion)
    configuration = make_configuration(active, champion)
    setting = Setting(
        model=understander.model_name,
        thresholds_of=understander.thresholds_of,
        topics=configuration.topics or understander.builtin,
        champion=configuration.adaptation,
    )
    # Too few verdicts are refused anyway: the sanity set takes seconds.
    is_enough = len(gather(taps, setting.topics.topics)) > 0
    sanity = understand_sanity_set(understander, configuration) if is_enough else []
    return learn(taps, setting, sanity=sanity)


def store(transaction: Transaction, lesson: Lesson, *, actor: str, now: datetime) -> AdaptationRow:
    """Store a lesson: the new champion when it is better, else a challenger to look at."""
    return adaptations.add(
        transaction,
        lesson.adaptation,
        is_better=lesson.is_better,
        figures=lesson.figures,
        actor=actor,
        now=now,
    )


def understand_sanity_set(
    understander: ConfiguredUnderstander, configuration: Configuration
) -> list[Sane]:
    """Return the sanity set as the model understands it, without adaptation; empty without one."""
    posts = pick_sanity_posts(Path(str(files("nlp").joinpath("corpus"))))
    plain = Configuration(topics=configuration.topics)
    texts = [post.text for post in posts]
    found = understander.understand(texts, plain, is_complete=True)
    return [
        Sane(each, is_ask=post.is_ask and post.b2b) for post, each in zip(posts, found, strict=True)
    ]


def pick_sanity_posts(folder: Path) -> list[LabelledPost]:
    """Return the same few posts of the corpus every time; none where it was not installed."""
    try:
        posts = read_corpus(folder)
    except ConfigurationError as error:
        log.warning("learning without a sanity set", extra={"reason": str(error)})
        return []
    asks = [post for post in posts if post.is_ask and post.b2b]
    others = [post for post in posts if not post.is_ask]
    half = _SANITY_POSTS // 2
    return [*_spread(asks, half), *_spread(others, half)]


def _spread(posts: list[LabelledPost], count: int) -> list[LabelledPost]:
    step = max(1, len(posts) // count)
    return sorted(posts, key=lambda post: post.id)[::step][:count]


def run_on_stream(
    database: Database,
    bus: Bus,
    settings: Settings,
    clock: Clock,
    request: BacktestRequest,
    stop: threading.Event | None = None,
) -> BacktestResult:
    """Return what a change would do to the posts that are still on the stream.

    Raises:
        ConfigurationError: The model cannot be used.
        NotFoundError: There is no such adaptation.
    """
    understander = ConfiguredUnderstander(settings.model_dir)
    before, after = read_configurations(database, request)
    backtest = Backtest(
        present=understander, proposed=understander, before=before, after=after, clock=clock
    )
    return backtest.run(
        read_stream(bus, database),
        most_posts=request.most_posts,
        most_seconds=request.most_seconds,
        stop=stop,
    )


def read_configurations(
    database: Database, request: BacktestRequest
) -> tuple[Configuration, Configuration]:
    """Return what is configured now, and what the request would make of it.

    Raises:
        NotFoundError: There is no such adaptation.
    """

    def read(transaction: Transaction) -> tuple[Configuration, Configuration]:
        active = topics.list_active(transaction)
        champion = adaptations.find_champion(transaction)
        before = make_configuration(active, champion)
        tried = champion
        if request.adaptation is not None:
            version = request.adaptation
            tried = adaptations.find_adaptation(transaction, version) if version else None
        proposed = active if request.topics is None else list(request.topics)
        after = make_configuration(proposed, tried)
        return before, replace(after, alert=request.alert, review=request.review)

    return database.read(read)

"""Asking side by side, with a budget, a breaker and an end to patience."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from prometheus_client import REGISTRY

from askwatch.clock import ManualClock
from askwatch.model.lead import Intent
from nlp.opinions.base import NoOpinionError, SecondOpinion, make_opinion
from nlp.opinions.breaker import FAILURES, PAUSE_S
from nlp.opinions.second import SecondReader, Terms, shorten

OPINION = make_opinion({Intent.VENDOR_REQUEST: 0.9}, None)


class FakeReader:
    """Says what a function says; remembers what it was asked."""

    name = "fake:1"

    def __init__(self, read: Callable[[str], SecondOpinion], *, kind: str, at_once: int) -> None:
        self._read, self.kind, self.texts_at_once = read, kind, at_once
        self.asked: list[str] = []
        self.is_closed = False

    def read(self, text: str) -> SecondOpinion:
        self.asked.append(text)
        return self._read(text)

    def close(self) -> None:
        self.is_closed = True


class Bench:
    """A second reader around a fake one, with its counters."""

    def __init__(
        self,
        clock: ManualClock,
        read: Callable[[str], SecondOpinion],
        *,
        kind: str,
        per_minute: int = 0,
        at_once: int = 1,
        timeout_s: float = 20.0,
    ) -> None:
        self._kind = kind
        self._before = self._read_counters()
        self.reader = FakeReader(read, kind=kind, at_once=at_once)
        terms = Terms(
            unsure_from=0.15, unsure_to=0.9, share=0.6, timeout_s=timeout_s,
            per_minute=per_minute, per_day=0,
        )  # fmt: skip
        self.second = SecondReader(self.reader, terms=terms, clock=clock)

    def count(self, result: str) -> float:
        return self._read_counters().get(result, 0.0) - self._before.get(result, 0.0)

    def _read_counters(self) -> dict[str, float]:
        found: dict[str, float] = {}
        for family in REGISTRY.collect():
            for sample in family.samples:
                if sample.labels.get("reader") != self._kind:
                    continue
                if sample.name == "askwatch_second_opinions_total":
                    found[sample.labels["result"]] = sample.value
                elif sample.name == "askwatch_second_opinions_asked_total":
                    found["asked"] = sample.value
                elif sample.name == "askwatch_second_opinion_seconds_count":
                    found["timed"] = sample.value
        return found


@contextmanager
def closing(bench: Bench) -> Iterator[Bench]:
    yield bench
    bench.second.close()
    assert bench.reader.is_closed


def say(text: str) -> SecondOpinion:
    if text.startswith("no "):
        raise NoOpinionError(text.removeprefix("no "), is_fault="fault" in text)
    return OPINION


def test_opinions_come_in_the_order_of_the_texts(clock: ManualClock) -> None:
    with closing(Bench(clock, say, kind="order", at_once=4)) as bench:
        found = bench.second.ask(["a", "no unusable", "b"])
        assert found == [OPINION, None, OPINION]
        assert (bench.count("answered"), bench.count("unusable")) == (2, 1)
        assert bench.count("asked") == bench.count("timed") == 3


def test_nothing_is_asked_about_no_posts(clock: ManualClock) -> None:
    with closing(Bench(clock, say, kind="nothing")) as bench:
        assert bench.second.ask([]) == []


def test_only_the_unsure_are_wanted(clock: ManualClock) -> None:
    with closing(Bench(clock, say, kind="wanted")) as bench:
        asks = (0.1, 0.15, 0.5, 0.9, 0.95)
        assert [bench.second.wants(ask) for ask in asks] == [False, True, True, True, False]


def test_a_batch_waits_once_for_all_its_posts(clock: ManualClock) -> None:
    # Nobody passes the barrier before all five are asked.
    barrier = threading.Barrier(5, timeout=20.0)

    def meet(text: str) -> SecondOpinion:
        barrier.wait()
        return OPINION

    with closing(Bench(clock, meet, kind="once", at_once=5)) as bench:
        assert bench.second.ask(list("abcde")) == [OPINION] * 5


def test_a_budget_used_up_leaves_the_packaged_opinion(clock: ManualClock) -> None:
    with closing(Bench(clock, say, kind="budget", per_minute=2)) as bench:
        assert bench.second.ask(list("abc")) == [OPINION, OPINION, None]
        assert (bench.count("asked"), bench.count("over_budget")) == (2, 1)
        clock.advance(60.0)
        assert bench.second.ask(["d"]) == [OPINION]


def test_faults_in_a_row_pause_it_and_a_pause_costs_no_budget(clock: ManualClock) -> None:
    with closing(Bench(clock, say, kind="faults", per_minute=FAILURES + 1)) as bench:
        bench.second.ask(["no fault"] * FAILURES)
        assert bench.second.ask(["a", "b", "c"]) == [None] * 3
        assert (bench.count("fault"), bench.count("paused")) == (FAILURES, 3)
        clock.advance(PAUSE_S)
        assert bench.second.ask(["a"]) == [OPINION]
        assert bench.count("asked") == FAILURES + 1


def test_posts_alone_cannot_silence_it(clock: ManualClock) -> None:
    with closing(Bench(clock, say, kind="silence")) as bench:
        bench.second.ask(["no unusable"] * 3 * FAILURES)
        assert bench.second.ask(["a"]) == [OPINION]


def test_patience_has_an_end_and_what_waits_is_not_asked(clock: ManualClock) -> None:
    freed = threading.Event()

    def hang(text: str) -> SecondOpinion:
        freed.wait(20.0)
        return OPINION

    with closing(Bench(clock, hang, kind="late", timeout_s=0.05)) as bench:
        assert bench.second.ask(["a", "b", "c"]) == [None] * 3
        assert bench.count("late") == 3
        freed.set()
    assert bench.reader.asked == ["a"]


def test_an_error_of_our_own_is_not_swallowed(clock: ManualClock) -> None:
    def fall(text: str) -> SecondOpinion:
        raise ZeroDivisionError

    with closing(Bench(clock, fall, kind="own")) as bench, pytest.raises(ZeroDivisionError):
        bench.second.ask(["a"])


def test_a_long_text_is_cut_in_the_middle() -> None:
    assert shorten("a" * 4_000) == "a" * 4_000
    cut = shorten("a" * 9_000 + "z" * 1_000)
    assert len(cut) < 4_010
    assert cut.startswith("aaa")
    assert cut.endswith("zzz")

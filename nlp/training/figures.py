"""Counts the figures of one group of posts: labels, thresholds, confusion, asks, languages."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nlp.model import ASKS, INTENTS
from nlp.training.bootstrap import Array, Estimate, Resampling, divide, estimate, estimate_share
from nlp.training.metrics import average_precision, average_precisions, f1_of_counts
from nlp.training.outcomes import Outcomes, place_of
from nlp.training.reliability import Reliability, measure_reliability

EVERY = "all"
THRESHOLDS = (0.02, 0.05, *(round(step / 10, 1) for step in range(1, 10)), 0.95, 0.98)
_CURVE_POINTS = 120


@dataclass(frozen=True, slots=True)
class LabelRow:
    """How well one label is found, with intervals."""

    label: str
    support: int
    found: int
    right: int
    precision: Estimate
    recall: Estimate
    f1: Estimate


@dataclass(frozen=True, slots=True)
class ThresholdRow:
    """What is found when the probability of a label must reach a threshold."""

    threshold: float
    found: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Curve:
    """Precision and recall of one label over thresholds of its probability."""

    label: str
    support: int
    average_precision: Estimate
    rows: tuple[ThresholdRow, ...]
    points: tuple[tuple[float, float], ...]  # (recall, precision) for a picture


@dataclass(frozen=True, slots=True)
class AskFigures:
    """How asks fare: lanes of the business asks, topics of all asks that have one."""

    business_asks: int
    alerted: Estimate
    found: Estimate  # in lane alert or review
    with_topic: int
    topic_first: Estimate
    topic_in_three: Estimate


@dataclass(frozen=True, slots=True)
class AlertFigures:
    """What the posts in lane alert were."""

    business_asks: int
    candidate_searches: int
    consumer_asks: int
    no_asks: int


@dataclass(frozen=True, slots=True)
class Group:
    """All figures of the posts of one language, or of all posts."""

    lang: str
    posts: int
    without_hard_posts: int
    labels: tuple[LabelRow, ...]
    without_hard: tuple[LabelRow, ...]
    curves: tuple[Curve, ...]
    confusion: tuple[tuple[int, ...], ...]  # rows: label, columns: answer, in order of INTENTS
    reliability: Reliability
    asks: AskFigures
    alerts: AlertFigures
    right_languages: Estimate
    taken_for: tuple[tuple[str, int], ...]  # languages said instead, the frequent first

    def find(self, label: str, *, without_hard: bool = False) -> LabelRow:
        """Return the figures of one label.

        Raises:
            KeyError: The group has no such posts.
        """
        for row in self.without_hard if without_hard else self.labels:
            if row.label == label:
                return row
        raise KeyError((self.lang, label))


def measure_group(lang: str, outcomes: Outcomes) -> Group:
    """Return all figures of the posts."""
    easy = outcomes.where(~outcomes.is_hard)
    confusion = np.zeros((len(INTENTS), len(INTENTS)), dtype=np.intp)
    np.add.at(confusion, (outcomes.truth, outcomes.said), 1)
    languages = [
        (post.lang, answer.lang)
        for post, answer in zip(outcomes.posts, outcomes.answers, strict=True)
    ]
    wrong = Counter(said for true, said in languages if true != said)
    return Group(
        lang=lang,
        posts=len(outcomes),
        without_hard_posts=len(easy),
        labels=tuple(measure_rows(outcomes)),
        without_hard=tuple(measure_rows(easy)),
        curves=tuple(_measure_curve(outcomes, intent.value, place_of(intent)) for intent in ASKS),
        confusion=tuple(tuple(row) for row in confusion.tolist()),
        reliability=measure_reliability(outcomes),
        asks=_measure_asks(outcomes),
        alerts=_count_alerts(outcomes),
        right_languages=_share([true == said for true, said in languages]),
        taken_for=tuple(wrong.most_common()),
    )


def measure_rows(outcomes: Outcomes) -> list[LabelRow]:
    """Return the figures of every label that occurs, the frequent first."""
    labels = range(len(INTENTS))
    truth = np.stack([outcomes.truth == each for each in labels], axis=1)
    said = np.stack([outcomes.said == each for each in labels], axis=1)
    resampling = Resampling(len(outcomes))
    columns = np.concatenate([truth & said, said, truth], axis=1).astype(np.float64)
    right, found, support = np.split(resampling.sums(columns), 3, axis=1)
    rows = []
    for place, intent in enumerate(INTENTS):
        counts = tuple(int(part[:, place].sum()) for part in (truth & said, said, truth))
        if not any(counts):
            continue
        hits, answers, labelled = counts
        rows.append(
            LabelRow(
                intent.value, labelled, answers, hits,
                _ratio(hits, answers, divide(right[:, place], found[:, place])),
                _ratio(hits, labelled, divide(right[:, place], support[:, place])),
                _ratio(2 * hits, answers + labelled,
                       f1_of_counts(right[:, place], found[:, place], support[:, place])),
            )
        )  # fmt: skip
    return sorted(rows, key=lambda row: (-row.support, row.label))


def _ratio(above: int, below: int, samples: Array) -> Estimate:
    return estimate(above / below if below else 0.0, samples)


def _measure_curve(outcomes: Outcomes, label: str, place: int) -> Curve:
    scores = outcomes.probabilities[:, place]
    truth = (outcomes.truth == place).astype(np.float64)
    samples = Resampling(len(outcomes)).each(
        lambda counts: average_precisions(scores, truth, counts)
    )
    support = int(truth.sum())
    rows = []
    for threshold in THRESHOLDS:
        chosen = scores >= threshold
        found, right = int(chosen.sum()), int(truth[chosen].sum())
        rows.append(
            ThresholdRow(
                threshold, found,
                right / found if found else 0.0,
                right / support if support else 0.0,
                2 * right / (found + support) if found + support else 0.0,
            )
        )  # fmt: skip
    return Curve(
        label,
        support,
        estimate(average_precision(scores, truth), samples),
        tuple(rows),
        tuple(_draw_points(scores, truth)),
    )


def _draw_points(scores: Array, truth: Array) -> list[tuple[float, float]]:
    """Return (recall, precision) at every score, thinned to what a picture can show."""
    total = truth.sum()
    if not total:
        return []
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    right = np.cumsum(truth[order])[ends]
    recall, precision = right / total, right / (ends + 1)
    kept = np.unique(np.linspace(0, len(ends) - 1, _CURVE_POINTS).astype(np.intp))
    return [(round(float(recall[each]), 4), round(float(precision[each]), 4)) for each in kept]


def _measure_asks(outcomes: Outcomes) -> AskFigures:
    business = outcomes.is_ask & outcomes.is_business
    topics = [
        (post.topic, [score.topic_id for score in answer.topics])
        for post, answer, is_ask in zip(
            outcomes.posts, outcomes.answers, outcomes.is_ask, strict=True
        )
        if is_ask and post.topic
    ]
    return AskFigures(
        business_asks=int(business.sum()),
        alerted=estimate_share(outcomes.is_alert[business]),
        found=estimate_share(outcomes.is_found[business]),
        with_topic=len(topics),
        topic_first=_share([topic in found[:1] for topic, found in topics]),
        topic_in_three=_share([topic in found[:3] for topic, found in topics]),
    )


def _count_alerts(outcomes: Outcomes) -> AlertFigures:
    alerts = outcomes.where(outcomes.is_alert)
    candidate = alerts.truth == INTENTS.index(ASKS[1])
    vendor = alerts.is_ask & ~candidate
    business = vendor & alerts.is_business
    return AlertFigures(
        business_asks=int(business.sum()),
        candidate_searches=int(candidate.sum()),
        consumer_asks=int((vendor & ~business).sum()),
        no_asks=int((~alerts.is_ask).sum()),
    )


def _share(values: Sequence[bool]) -> Estimate:
    return estimate_share(np.array(values, dtype=np.bool_))

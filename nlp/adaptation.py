"""Applies what a company's taps have taught to what the model says; pure, and cheap."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import exp, log

from askwatch.model.adaptation import MOST_CHANGE, Adaptation
from askwatch.model.ids import TopicId
from askwatch.model.lead import Intent, Lane, Reason, TopicScore, Unadapted, Understanding
from askwatch.model.value import weigh_terms
from nlp.intent import likelier_ask, move_to
from nlp.lanes import choose_lane, hold_back
from nlp.model import ASKS, Thresholds
from nlp.topics import TopicIndex

# What the reason of an adapted probability is called; it stands on no word of the post.
LEARNED = "learned"
_TINY = 1e-6
_DIGITS = 5
# A smaller change of the log-odds is not worth telling.
_WORTH_TELLING = 0.1


def adapt(
    understanding: Understanding,
    adaptation: Adaptation,
    *,
    version: int,
    thresholds: Thresholds,
    topics: TopicIndex,
    model_review: float | None = None,
) -> Understanding:
    """Return the understanding as the company wants it.

    `thresholds` are those of the post's language before the adaptation; `model_review` is the
    model's own for the review where they are others. One that changes nothing returns what it was
    given; a post that is no ask and stays none keeps its lane.
    """
    scores = offset_topics(understanding.topics, adaptation.topic_offsets)
    change = measure_change(understanding, adaptation)
    ask = _shift(understanding.probability, change)
    moved = move_to(ask, understanding.probabilities)
    probabilities = {intent: round(value, _DIGITS) for intent, value in moved.items()}
    shifted = shift_thresholds(thresholds, adaptation)
    lane = _choose_lane(understanding, ask, probabilities, scores, topics, shifted)
    opened = shifted.review < (thresholds.review if model_review is None else model_review)
    if understanding.lane is Lane.NONE and change <= 0 and not (opened or adaptation.topic_offsets):
        lane = Lane.NONE  # a post that was not read to its end may stand at the very threshold
    is_same = lane is understanding.lane and scores == understanding.topics
    if is_same and abs(change) < _TINY:
        return understanding
    return understanding.model_copy(
        update={
            "probability": ask,
            "probabilities": probabilities,
            "lane": lane,
            "topics": scores,
            "value": weigh_terms(understanding.value_terms, probability=ask),
            "reasons": _tell(understanding.reasons, change),
            "model": f"{understanding.model}+{version}",
            "unadapted": _remember(understanding, version),
        }
    )


def _choose_lane(
    understanding: Understanding,
    ask: float,
    probabilities: Mapping[Intent, float],
    scores: Sequence[TopicScore],
    topics: TopicIndex,
    thresholds: Thresholds,
) -> Lane:
    # Taps of long ago name topics that are no more.
    known = {topic.topic_id for topic in topics.topics}
    lane = choose_lane(
        ask=ask,
        b2b=understanding.b2b_probability,
        intent=likelier_ask(_complete(probabilities)),
        scores=[score for score in scores if score.topic_id in known],
        topics=topics,
        thresholds=thresholds,
    )
    return hold_back(lane, may_alert=understanding.may_alert)


def measure_change(understanding: Understanding, adaptation: Adaptation) -> float:
    """Return by how much the log-odds of an ask change, at most `MOST_CHANGE` either way."""
    layer = adaptation.layer
    change = layer.bias + layer.ask * to_log_odds(understanding.probability)
    change += layer.b2b * (understanding.b2b_probability - 0.5)
    change += layer.person * (share_of_person(understanding.probabilities) - 0.5)
    for score in understanding.topics:
        change += layer.topics.get(score.topic_id, 0.0) * score.probability
    # A vector of another model says something else.
    if layer.vector and understanding.model == adaptation.model:
        pairs = zip(layer.vector, understanding.vector, strict=False)
        change += sum(weight * value for weight, value in pairs)
    return max(-MOST_CHANGE, min(MOST_CHANGE, change))


def shift_thresholds(thresholds: Thresholds, adaptation: Adaptation) -> Thresholds:
    """Return the thresholds as adapted; the one of the review is never above the other."""
    alert = _shift(thresholds.alert, adaptation.alert_shift)
    review = min(alert, _shift(thresholds.review, adaptation.review_shift))
    return replace(thresholds, alert=alert, review=review)


def offset_topics(
    scores: Sequence[TopicScore], offsets: Mapping[str, float]
) -> tuple[TopicScore, ...]:
    """Return the topics with the log-odds of some moved, best first."""
    if not any(score.topic_id in offsets for score in scores):
        return tuple(scores)
    moved = [
        TopicScore(
            topic_id=TopicId(score.topic_id),
            probability=_shift(score.probability, offsets.get(score.topic_id, 0.0)),
        )
        for score in scores
    ]
    return tuple(sorted(moved, key=lambda each: (-each.probability, each.topic_id)))


def share_of_person(probabilities: Mapping[Intent, float]) -> float:
    """Return how much of the probability of an ask is that of one for a person; 0.5 unknown."""
    ask = sum(probabilities.get(each, 0.0) for each in ASKS)
    return probabilities.get(Intent.CANDIDATE_SEARCH, 0.0) / ask if ask > _TINY else 0.5


def to_log_odds(probability: float) -> float:
    """Return the log-odds of a probability, finite at 0 and at 1."""
    held = min(1 - _TINY, max(_TINY, probability))
    return log(held / (1 - held))


def _shift(probability: float, change: float) -> float:
    if abs(change) < _TINY:
        return probability
    return round(1 / (1 + exp(-to_log_odds(probability) - change)), _DIGITS)


def _complete(probabilities: Mapping[Intent, float]) -> dict[Intent, float]:
    return {intent: probabilities.get(intent, 0.0) for intent in ASKS}


def _tell(reasons: Sequence[Reason], change: float) -> tuple[Reason, ...]:
    if abs(change) < _WORTH_TELLING:
        return tuple(reasons)
    learned = Reason(kind=LEARNED, text="", start=0, end=0, weight=round(change, 3))
    return (*reasons, learned)


def _remember(understanding: Understanding, version: int) -> Unadapted:
    return Unadapted(
        version=version,
        model=understanding.model,
        lane=understanding.lane,
        probability=understanding.probability,
        probabilities=understanding.probabilities,
        topics=understanding.topics,
    )

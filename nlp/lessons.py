"""Turns taps into examples: what was understood of a post, and whether the company wanted it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from askwatch.model.feedback import AskedFor, Features, FeedbackKind
from askwatch.model.lead import Understanding
from askwatch.model.topic import Topic, Wants
from askwatch.state.feedback import Tap
from nlp.adaptation import share_of_person, to_log_odds

# How much a part of the features may say before it costs: probabilities of topics and the
# vector's 128 numbers are small beside the log-odds.
_VECTOR_SCALE, _ODDS_SCALE = 3.0, 0.5
_FOLDS = 5
_WANTED_BY = {
    AskedFor.VENDOR: frozenset({Wants.VENDOR, Wants.BOTH}),
    AskedFor.CANDIDATE: frozenset({Wants.CANDIDATE, Wants.BOTH}),
    AskedFor.NONE: frozenset[Wants](),
}


@dataclass(frozen=True)
class Example:
    """One post on which colleagues have decided."""

    post: str  # its hash
    features: Features
    is_wanted: bool

    @property
    def fold(self) -> int:
        """Return in which of five parts it is held out; it depends on the post alone."""
        return int(self.post[:8] or "0", 16) % _FOLDS

    @cached_property
    def understanding(self) -> Understanding:
        """Return it in the form that an adaptation is applied to."""
        return Understanding(
            lang=self.features.lang,
            intent=self.features.intent,
            probability=self.features.probability,
            probabilities=self.features.probabilities,
            b2b_probability=self.features.b2b_probability,
            lane=self.features.lane,
            may_alert=self.features.may_alert,
            topics=self.features.topics,
            vector=self.features.vector,
            model=self.features.model,
        )


def gather(taps: Iterable[Tap], topics: Sequence[Topic]) -> list[Example]:
    """Return an example for each post with a verdict; the latest of several counts.

    A post that looks for a person where no topic wants those is not wanted, whoever said so.
    """
    latest: dict[str, Example] = {}
    for tap in taps:
        verdict = _read_verdict(tap, topics)
        if verdict is not None:
            latest.pop(tap.post_hash, None)
            latest[tap.post_hash] = Example(tap.post_hash, tap.features, verdict)
    return list(latest.values())


def _read_verdict(tap: Tap, topics: Sequence[Topic]) -> bool | None:
    if tap.kind in {FeedbackKind.WANTED, FeedbackKind.MISSED}:
        return True
    if tap.kind is FeedbackKind.NOT_A_LEAD:
        return False
    if tap.kind is FeedbackKind.WRONG_KIND and tap.asked_for is not None:
        return any(topic.wants in _WANTED_BY[tap.asked_for] for topic in topics)
    return None


@dataclass(frozen=True)
class Columns:
    """Which number of an example stands where: odds, b2b, person, topics, vector."""

    topics: tuple[str, ...]
    vector_size: int
    model: str

    @classmethod
    def of(cls, examples: Sequence[Example], model: str) -> "Columns":
        """Return the columns that these examples need; vectors of other models are left out."""
        named = {score.topic_id for each in examples for score in each.features.topics}
        sizes = [len(each.features.vector) for each in examples if each.features.model == model]
        return cls(tuple(sorted(named)), max(sizes, default=0), model)

    @property
    def size(self) -> int:
        return 4 + len(self.topics) + self.vector_size

    def fill(self, examples: Sequence[Example]) -> NDArray[np.float64]:
        """Return a row for each example: bias, odds, b2b, person, topics, vector."""
        matrix = np.zeros((len(examples), self.size))
        places = {topic: 4 + place for place, topic in enumerate(self.topics)}
        for row, each in zip(matrix, examples, strict=True):
            features = each.features
            row[0] = 1.0
            row[1] = _ODDS_SCALE * to_log_odds(features.probability)
            row[2] = features.b2b_probability - 0.5
            row[3] = share_of_person(features.probabilities) - 0.5
            for score in features.topics:
                if score.topic_id in places:
                    row[places[score.topic_id]] = score.probability
            is_known = features.model == self.model and len(features.vector) == self.vector_size
            if is_known and self.vector_size:
                row[4 + len(self.topics) :] = _VECTOR_SCALE * np.array(features.vector)
        return matrix

    def unscale(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return weights for the numbers as they are, not as `fill` scales them."""
        scaled = weights.copy()
        scaled[1] *= _ODDS_SCALE
        scaled[4 + len(self.topics) :] *= _VECTOR_SCALE
        return scaled

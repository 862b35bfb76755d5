"""Decides where a post goes: an expert's pocket, the review lane of the feed, or nowhere."""

from collections.abc import Sequence

from askwatch.model.lead import Intent, Lane, TopicScore
from askwatch.model.topic import Wants
from nlp.model import Thresholds
from nlp.topics import TopicIndex

_WANTED = {
    Intent.VENDOR_REQUEST: frozenset({Wants.VENDOR, Wants.BOTH}),
    Intent.CANDIDATE_SEARCH: frozenset({Wants.CANDIDATE, Wants.BOTH}),
}


def choose_lane(
    *,
    ask: float,
    b2b: float,
    intent: Intent,
    scores: Sequence[TopicScore],
    topics: TopicIndex,
    thresholds: Thresholds,
) -> Lane:
    """Return the lane; an alert needs a sure ask, a business that could answer, and a topic."""
    if ask < thresholds.review or intent not in _WANTED:
        return Lane.NONE
    has_topic = any(
        score.probability >= thresholds.topic and topics.wants(score.topic_id) in _WANTED[intent]
        for score in scores
    )
    if ask >= thresholds.alert and b2b >= thresholds.b2b and has_topic:
        return Lane.ALERT
    # A consumer's wish that no business answers is not worth anybody's reading.
    if b2b < thresholds.b2b / 2 and not has_topic:
        return Lane.NONE
    return Lane.REVIEW

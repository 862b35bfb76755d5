"""Decides where a post goes: an expert's pocket, the review lane of the feed, or nowhere."""

from collections.abc import Sequence

from askwatch.model.lead import Intent, Lane, TopicScore
from askwatch.model.topic import Wants
from nlp.analysis import Analysis
from nlp.language import LANGUAGES
from nlp.model import Thresholds
from nlp.patterns import GROUPS
from nlp.topics import PRIVATE, TopicIndex

_LOOKING = frozenset({"hire", "need", "ask"})
_ASKING = _LOOKING | {"compare", "crowd"}
_WANTED = {
    Intent.VENDOR_REQUEST: frozenset({Wants.VENDOR, Wants.BOTH}),
    Intent.CANDIDATE_SEARCH: frozenset({Wants.CANDIDATE, Wants.BOTH}),
}


def may_alert(intent: Intent, lang: str, analysis: Analysis) -> bool:
    """Tell whether a post is one that people may be called for at once.

    It is in a language that the model was trained on. The bare name of a task is how work is
    offered on some sites and how articles are titled on others: somebody must be looked for in so
    many words. So is the bare name of a product; there, any question will do.
    """
    if lang not in LANGUAGES:
        return False
    found = {GROUPS[hit.group] for hit in analysis.hits}
    if intent is Intent.CANDIDATE_SEARCH:
        return not found.isdisjoint(_LOOKING)
    return "?" in analysis.words.words or not found.isdisjoint(_ASKING)


def hold_back(lane: Lane, *, may_alert: bool) -> Lane:
    """Return the lane of a post that may be one nobody is called for at once."""
    return Lane.REVIEW if lane is Lane.ALERT and not may_alert else lane


def choose_lane(
    *,
    ask: float,
    b2b: float,
    intent: Intent,
    scores: Sequence[TopicScore],
    topics: TopicIndex,
    thresholds: Thresholds,
) -> Lane:
    """Return the lane; an alert needs a sure ask, a business that could answer, and a topic.

    `intent` is the likelier of the two asks, whatever was decided.
    """
    if ask < thresholds.review:
        return Lane.NONE
    has_topic = _is_wanted(scores, intent, topics, thresholds.topic)
    if ask >= thresholds.alert and b2b >= thresholds.b2b and has_topic:
        return Lane.ALERT
    # A consumer's wish that no business answers is not worth anybody's reading.
    if b2b < thresholds.b2b / 2 and not has_topic:
        return Lane.NONE
    return Lane.REVIEW


def _is_wanted(
    scores: Sequence[TopicScore], intent: Intent, topics: TopicIndex, least: float
) -> bool:
    """Tell whether some active topic is there and wants to hear of such an ask."""
    if topics.is_builtin:
        # Together they cover every business; which of them it is need not be sure.
        return not scores or scores[0].topic_id != PRIVATE
    return any(
        score.probability >= least and topics.wants(score.topic_id) in _WANTED[intent]
        for score in scores
    )

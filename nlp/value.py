"""Urgency of an ask, and the terms of its value that the text tells."""

from collections.abc import Mapping, Sequence

from askwatch.model.lead import Entity, Understanding
from askwatch.model.post import Post
from askwatch.model.value import rate_age, rate_reach, weigh_terms
from nlp.analysis import Analysis
from nlp.patterns import GROUPS

_URGENT = GROUPS.index("urgent")
# In a longer post a date is as likely to belong to the story as to the ask.
_SHORT_WORDS = 120
_SPECIFIC_KINDS = frozenset(
    {
        "place",
        "company_size",
        "role",
        "product",
        "deadline",
        "start",
        "vendor",
        "skill",
        "workplace",
    }
)
_MANY_KINDS = 3
_DIGITS = 4


def is_urgent(analysis: Analysis, entities: Sequence[Entity]) -> bool:
    """Tell whether the post states a deadline or a need now.

    A word of urgency counts in a sentence that asks, or anywhere in a short post; "no rush"
    outweighs all of them.
    """
    urgencies = {entity.value for entity in entities if entity.kind == "urgency"}
    if "low" in urgencies:
        return False
    is_short = len(analysis.words.words) < _SHORT_WORDS
    if is_short and ("high" in urgencies or any(each.kind == "deadline" for each in entities)):
        return True
    return any(
        hit.group == _URGENT
        for sentence in analysis.ask_sentences
        for hit in analysis.hits_by_sentence.get(sentence.first, ())
    )


def rate_terms(*, b2b: float, is_urgent_ask: bool, entities: Sequence[Entity]) -> dict[str, float]:
    """Return the terms that the text tells, each in [0, 1]."""
    kinds = {entity.kind for entity in entities}
    return {
        "b2b": round(b2b, _DIGITS),
        "urgency": float(is_urgent_ask),
        "budget": float("budget" in kinds),
        "specificity": round(min(1.0, len(kinds & _SPECIFIC_KINDS) / _MANY_KINDS), _DIGITS),
    }


def add_post_terms(
    understanding: Understanding, post: Post, weights: Mapping[str, float]
) -> Understanding:
    """Return the understanding with the value that reach and age make of it.

    One without terms is no lead, and stays as it is.
    """
    if not understanding.value_terms:
        return understanding
    terms = {**understanding.value_terms, "reach": rate_reach(post), "age": rate_age(post)}
    value = weigh_terms(terms, probability=understanding.probability, weights=weights)
    return understanding.model_copy(update={"value_terms": terms, "value": value})

"""Urgency and worth of an ask."""

from collections.abc import Sequence

from askwatch.model.lead import Entity
from nlp.analysis import Analysis
from nlp.patterns import GROUPS

_URGENT = GROUPS.index("urgent")
# value = sum of weight * term, each term in [0, 1]: who could answer, how surely it is an ask,
# and what makes it concrete. Judged by hand; a later version takes them from the settings.
_B2B, _ASK, _URGENCY, _BUDGET, _SPECIFIC = 0.40, 0.25, 0.10, 0.15, 0.10
_SPECIFIC_KINDS = frozenset({"place", "company_size", "role", "product", "deadline"})


def is_urgent(analysis: Analysis, entities: Sequence[Entity]) -> bool:
    """Tell whether the post states a deadline or a need now.

    A word of urgency counts in a sentence that asks, or anywhere in a short post.
    """
    if any(entity.kind == "deadline" for entity in entities) and len(analysis.words.words) < 120:
        return True
    return any(
        hit.group == _URGENT
        for sentence in analysis.ask_sentences
        for hit in analysis.hits_by_sentence.get(sentence.first, ())
    )


def estimate_value(
    *, ask: float, b2b: float, is_urgent_ask: bool, entities: Sequence[Entity]
) -> float:
    """Return the worth of an ask in [0, 1]."""
    kinds = {entity.kind for entity in entities}
    value = (
        _ASK * ask
        + _B2B * b2b
        + _URGENCY * is_urgent_ask
        + _BUDGET * ("budget" in kinds)
        + _SPECIFIC * min(1.0, len(kinds & _SPECIFIC_KINDS) / 3)
    )
    return round(min(1.0, value * ask), 4)

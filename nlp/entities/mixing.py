"""Joins what the rules told with what the tagger told, kind by kind.

Which of the two is believed was chosen by cross-validation on the annotated corpus posts; what
that gained stands in docs/entities.md.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from nlp.entities.passage import Found


class Trust(StrEnum):
    """Whose word counts for a kind."""

    RULES = "rules"  # the rules' alone
    TAGGER = "tagger"  # the tagger's alone
    TAGGER_FIRST = "tagger_first"  # both; of two that overlap the tagger's
    RULES_FIRST = "rules_first"  # both; of two that overlap the rules'
    RULES_ELSE = "rules_else"  # the rules' only where the tagger tells nothing of the kind
    TAGGER_ELSE = "tagger_else"  # the tagger's only where the rules tell nothing of the kind


TRUST: Mapping[str, Trust] = {
    "product": Trust.RULES_ELSE,
    "role": Trust.RULES_FIRST,
    "vendor": Trust.RULES_ELSE,
    "skill": Trust.RULES_FIRST,
    "place": Trust.RULES_FIRST,
    "budget": Trust.TAGGER_ELSE,
    "deadline": Trust.RULES_FIRST,
    "start": Trust.TAGGER_FIRST,
    "company_size": Trust.RULES_FIRST,
}


# Rules guess what is wanted from where words stand: the tagger must think it possible.
_BACKED = frozenset({"product", "role"})


def mix(ruled: Sequence[Found], tagged: Sequence[Found], possible: Sequence[Found]) -> list[Found]:
    """Return what is believed of both; kinds that the tagger does not know are the rules'."""
    backed = [each for each in ruled if each.kind not in _BACKED or _touches(each, possible)]
    return _mix_kinds(backed, tagged, TRUST)


def _mix_kinds(
    ruled: Sequence[Found], tagged: Sequence[Found], trust: Mapping[str, Trust]
) -> list[Found]:
    kinds = dict.fromkeys(each.kind for each in (*ruled, *tagged))
    found: list[Found] = []
    for kind in kinds:
        mine = [each for each in ruled if each.kind == kind]
        learned = [each for each in tagged if each.kind == kind]
        found += _mix_kind(mine, learned, trust.get(kind, Trust.RULES))
    return found


def _mix_kind(ruled: list[Found], tagged: list[Found], trust: Trust) -> list[Found]:
    if trust is Trust.RULES:
        return ruled
    if trust is Trust.TAGGER:
        return tagged
    if trust is Trust.RULES_ELSE:
        return tagged or ruled
    if trust is Trust.TAGGER_ELSE:
        return ruled or tagged
    first, second = (tagged, ruled) if trust is Trust.TAGGER_FIRST else (ruled, tagged)
    return [*first, *_without_overlap(second, first)]


def _touches(found: Found, others: Sequence[Found]) -> bool:
    return any(
        each.kind == found.kind and each.start < found.end and found.start < each.end
        for each in others
    )


def _without_overlap(found: Sequence[Found], others: Sequence[Found]) -> list[Found]:
    """Return what touches none of `others`."""
    taken = {sign for each in others for sign in range(each.start, each.end)}
    return [each for each in found if taken.isdisjoint(range(each.start, each.end))]

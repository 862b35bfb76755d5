"""Compares kinds of posts: by language, register, length, `hard` and b2b."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nlp.model import ASKS
from nlp.training.bootstrap import Estimate, estimate_share
from nlp.training.figures import LabelRow, measure_rows
from nlp.training.labelled_file import MeasuredPost
from nlp.training.outcomes import Outcomes

# Words: a tweet or title, a short post, a post, an essay.
LENGTHS = (("<12 words", 12), ("12-40 words", 41), ("41-120 words", 121))
_LONGEST = ">120 words"


@dataclass(frozen=True, slots=True)
class Slice:
    """Figures of the posts of one kind; None where a label does not occur."""

    kind: str  # language, register, length, hard, b2b
    name: str
    posts: int
    asks: int
    vendor: LabelRow | None
    candidate: LabelRow | None
    found: Estimate  # asks in lane alert or review
    alarms: int  # posts in lane alert that are no ask


_KINDS: dict[str, Callable[[MeasuredPost], str]] = {
    "language": lambda post: post.lang,
    "register": lambda post: post.register,
    "length": lambda post: name_length(post.words),
    "hard": lambda post: "hard" if post.is_hard else "not hard",
    "b2b": lambda post: "b2b" if post.b2b else "not b2b",
}


def name_length(words: int) -> str:
    """Return the name of a length."""
    return next((name for name, end in LENGTHS if words < end), _LONGEST)


def measure_slices(outcomes: Outcomes) -> list[Slice]:
    """Return a slice for every kind of post that occurs; within a kind the frequent first."""
    slices = []
    for kind, name_of in _KINDS.items():
        names = np.array([name_of(post) for post in outcomes.posts], dtype=object)
        found = [
            _measure_slice(kind, name, outcomes.where(names == name))
            for name in sorted(set(names.tolist()))
        ]
        slices += sorted(found, key=_order(kind))
    return slices


def _order(kind: str) -> Callable[[Slice], int]:
    lengths = [name for name, _ in LENGTHS]
    if kind == "length":
        return lambda each: lengths.index(each.name) if each.name in lengths else len(lengths)
    return lambda each: -each.posts


def _measure_slice(kind: str, name: str, outcomes: Outcomes) -> Slice:
    rows = {row.label: row for row in measure_rows(outcomes)}
    vendor, candidate = (rows.get(intent.value) for intent in ASKS)
    return Slice(
        kind=kind,
        name=name,
        posts=len(outcomes),
        asks=int(outcomes.is_ask.sum()),
        vendor=vendor,
        candidate=candidate,
        found=estimate_share(outcomes.is_found[outcomes.is_ask]),
        alarms=int((outcomes.is_alert & ~outcomes.is_ask).sum()),
    )

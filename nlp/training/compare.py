"""Compares two models on the same posts: paired intervals, and whether chance would do as much."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import orjson

from askwatch.errors import ConfigurationError
from askwatch.model.lead import Intent
from nlp.model import ASKS
from nlp.training.answers import Answers
from nlp.training.bootstrap import SEED, Array, Estimate, Resampling, estimate
from nlp.training.figures import EVERY
from nlp.training.labelled_file import MeasuredPost
from nlp.training.metrics import f1_of_counts
from nlp.training.outcomes import Outcomes, gather, place_of
from nlp.training.report import to_table

_SWAPS = 10_000
# A block of swaps holds so many numbers at most, 32 MB.
_BLOCK = 4_000_000
_IDS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """F1 of one label by both models; positive where the second is better."""

    lang: str
    label: str
    support: int
    first: float
    second: float
    difference: Estimate
    p_value: float  # two-sided approximate randomisation


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two models differ; ids are of posts whose intent the one has right and the other not."""

    first: str
    second: str
    posts: int
    differences: tuple[Difference, ...]
    changed: int  # posts with another intent, right or wrong
    gained: tuple[str, ...]
    lost: tuple[str, ...]

    def to_json(self) -> bytes:
        """Return everything as JSON."""
        return orjson.dumps(self, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)

    def to_text(self, *, full: bool = False) -> str:
        """Return tables for a terminal; ids are cut short unless `full`."""
        rows = [
            (each.lang, each.label, str(each.support), f"{each.first:.3f}", f"{each.second:.3f}",
             _show_difference(each.difference), f"{each.p_value:.4f}")
            for each in self.differences
        ]  # fmt: skip
        head = ("lang", "label", "posts", "F1 of A", "F1 of B", "B - A [95 %]", "p")
        return "\n".join(
            [
                f"A: {self.first}",
                f"B: {self.second}",
                f"{self.posts} labelled posts; intent differs in {self.changed}",
                "",
                *to_table(head, rows),
                "",
                _show_ids("only B is right", self.gained, full=full),
                _show_ids("only A is right", self.lost, full=full),
            ]
        )


def compare(posts: Sequence[MeasuredPost], first: Answers, second: Answers) -> Comparison:
    """Return how the second model differs from the first on the labelled posts.

    Raises:
        ConfigurationError: No post is labelled.
    """
    one, other = gather(posts, first.answers), gather(posts, second.answers)
    if not len(one):
        raise ConfigurationError("none of the posts has a label: there is nothing to compare")
    languages = [post.lang for post in one.posts]
    names = sorted(set(languages), key=lambda lang: (-languages.count(lang), lang))
    differences = [_test(EVERY, intent, one, other) for intent in ASKS]
    for name in names if len(names) > 1 else []:
        parts = one.where_language(name), other.where_language(name)
        differences += [_test(name, intent, *parts) for intent in ASKS]
    right, right_too = one.said == one.truth, other.said == one.truth
    ids = [post.post_id for post in one.posts]
    return Comparison(
        first=first.name,
        second=second.name,
        posts=len(one),
        differences=tuple(differences),
        changed=int((one.said != other.said).sum()),
        gained=tuple(ids[place] for place in np.flatnonzero(right_too & ~right).tolist()),
        lost=tuple(ids[place] for place in np.flatnonzero(right & ~right_too).tolist()),
    )


def _test(lang: str, intent: Intent, one: Outcomes, other: Outcomes) -> Difference:
    place = place_of(intent)
    truth = (one.truth == place).astype(np.float64)
    said = np.stack([one.said == place, other.said == place]).astype(np.float64)
    columns = np.stack([said[0] * truth, said[0], said[1] * truth, said[1], truth], axis=1)
    first, second = (float(each[0]) for each in _scores(columns.sum(axis=0, keepdims=True)))
    samples = _scores(Resampling(len(one)).sums(columns))
    return Difference(
        lang=lang,
        label=intent.value,
        support=int(truth.sum()),
        first=first,
        second=second,
        difference=estimate(second - first, samples[1] - samples[0]),
        p_value=_randomise(columns, abs(second - first)),
    )


def _scores(sums: Array) -> tuple[Array, Array]:
    """Return F1 of both models, 0 where the label does not occur."""
    support = sums[:, 4]
    return (
        np.nan_to_num(f1_of_counts(sums[:, 0], sums[:, 1], support)),
        np.nan_to_num(f1_of_counts(sums[:, 2], sums[:, 3], support)),
    )


def _randomise(columns: Array, observed: float) -> float:
    """Return how often swapping the models' answers at random differs as much.

    Source: Noreen 1989; the observed arrangement counts as one.
    """
    # Only posts on which the models differ move anything when they are swapped.
    moved = (columns[:, 2:4] - columns[:, :2])[columns[:, 1] != columns[:, 3]]
    if not len(moved):
        return 1.0
    generator = np.random.default_rng(SEED)
    sums, as_much, left = columns.sum(axis=0), 0, _SWAPS
    while left:
        rows = min(left, max(1, _BLOCK // len(moved)))
        swapped = generator.integers(2, size=(rows, len(moved))).astype(np.float64) @ moved
        shifted = np.tile(sums, (rows, 1))
        shifted[:, :2] += swapped
        shifted[:, 2:4] -= swapped
        first, second = _scores(shifted)
        # Equal sums must count as equal whatever their rounding.
        as_much += int((np.abs(second - first) >= observed - 1e-9).sum())
        left -= rows
    return (as_much + 1) / (_SWAPS + 1)


def _show_difference(difference: Estimate) -> str:
    return f"{difference.value:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}]"


def _show_ids(title: str, ids: Sequence[str], *, full: bool) -> str:
    shown = ids if full else ids[:_IDS_SHOWN]
    more = f" ... and {len(ids) - len(shown)} more" if len(shown) < len(ids) else ""
    return f"{title}: {len(ids)}" + (f"\n  {' '.join(shown)}{more}" if ids else "")

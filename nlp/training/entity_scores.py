"""Scores entities against golden posts: per kind, per language, and per half of the posts.

A found entity is right when a golden one of its kind overlaps it by at least half of the longer
of the two spans and, for budgets, dates, places and sizes, has the same value, letter case aside.
Each golden entity is found once; naming the same value of a kind again counts neither way, for
golden posts mark the first mention only. Relations of vendors are scored apart, over the vendors
that were found.

The language is guessed, as in the pipeline; intents are the golden ones, so that a change of the
intent model changes nothing here.

Posts with an even number at the end of their id may be looked at while the finder is changed,
those with an odd one are only scored. That does not make the odd half of entities_golden.jsonl
independent: its author wrote the word lists too, and remembered both halves. What the finder does
on posts of others tells entities_fresh.jsonl alone. The finder must not be changed by looking at
its errors there, nor at those in entities_unseen.jsonl; whoever has looked annotates another
sample.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from askwatch.errors import ConfigurationError
from askwatch.model.lead import Entity, Intent
from nlp.analysis import analyse
from nlp.entities import EntityFinder
from nlp.language import LanguageGuesser
from nlp.normalise import normalise
from nlp.patterns import PatternSet
from nlp.resources import resource_path

KINDS = (
    "product", "vendor", "role", "skill", "place", "workplace", "budget", "deadline", "start",
    "company_size", "urgency",
)  # fmt: skip
_BY_VALUE = frozenset(
    {"place", "budget", "deadline", "start", "company_size", "workplace", "urgency"}
)
_LANGUAGES = ("en", "da", "sv", "no", "de")
_DRAWS = 1_000

FindEntities = Callable[[str, Intent, date | None], Sequence[Entity]]


class GoldenPost(BaseModel):
    """A post with the entities that a careful reader finds in it."""

    model_config = ConfigDict(frozen=True)

    id: str
    lang: str
    intent: Intent
    text: str
    posted_on: date | None = None
    entities: tuple[Entity, ...]

    @property
    def is_even(self) -> bool:
        return int(self.id.rpartition("-")[2]) % 2 == 0


@dataclass(slots=True)
class Counts:
    """How often the finder was right, wrong, and silent."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)

    def add(self, other: "Counts") -> None:
        self.right += other.right
        self.wrong += other.wrong
        self.missed += other.missed


@dataclass(slots=True)
class Outcome:
    """What became of the entities of one post."""

    right: list[tuple[Entity, Entity]]  # golden and found
    wrong: list[Entity]
    missed: list[Entity]


@dataclass(slots=True)
class EntityReport:
    """Counts by half, kind and language."""

    posts: int = 0
    counts: dict[tuple[str, str, str], Counts] = field(default_factory=dict)
    relations_right: int = 0
    relations: int = 0
    by_post: list[Counts] = field(default_factory=list)

    def interval(self) -> tuple[float, float]:
        """Return the 95 % interval of the total F1, posts drawn again and again."""
        if not self.by_post:
            return 0.0, 0.0
        rows = np.array([(each.right, each.wrong, each.missed) for each in self.by_post])
        drawn = np.random.default_rng(1).integers(len(rows), size=(_DRAWS, len(rows)))
        right, wrong, missed = rows[drawn].sum(axis=1).T
        scores = 2 * right / np.maximum(1, 2 * right + wrong + missed)
        low, high = np.quantile(scores, (0.025, 0.975))
        return float(low), float(high)

    def find(self, *, half: str = "", kind: str = "", lang: str = "") -> Counts:
        """Return the counts summed over whatever is left out."""
        total = Counts()
        for key, counts in self.counts.items():
            if all(
                not want or want == have for want, have in zip((half, kind, lang), key, strict=True)
            ):
                total.add(counts)
        return total

    def to_text(self) -> str:
        """Return a table a kind, one a language and half."""
        lines = [f"{self.posts} golden posts", "", _head("kind")]
        lines += [_line(kind, self.find(kind=kind)) for kind in KINDS]
        lines += ["", _head("language")]
        lines += [_line(lang, self.find(lang=lang)) for lang in _LANGUAGES]
        lines += ["", _head("half")]
        lines += [_line(half, self.find(half=half)) for half in ("even", "odd")]
        lines += [_line("all", self.find())]
        low, high = self.interval()
        lines += [f"95 % of posts drawn anew give an F1 of {low:.3f} to {high:.3f}"]
        share = self.relations_right / max(1, self.relations)
        lines += ["", f"relations of the vendors found: {share:.3f} right of {self.relations}"]
        lines += [
            "",
            f"F1 by kind and language{'':3}" + "".join(f"{lang:>8}" for lang in _LANGUAGES),
        ]
        lines += [f"  {kind:<24}" + self._by_language(kind) for kind in KINDS]
        return "\n".join(lines)

    def _by_language(self, kind: str) -> str:
        cells = []
        for lang in _LANGUAGES:
            counts = self.find(kind=kind, lang=lang)
            cells.append(f"{counts.f1:8.3f}" if counts.right + counts.missed else f"{'-':>8}")
        return "".join(cells)


def evaluate_entities(path: Path) -> EntityReport:
    """Return how good the finder is on the golden posts of a file.

    Raises:
        ConfigurationError: The file holds no golden posts, or a list of words is damaged.
    """
    posts = read_golden(path)
    patterns = PatternSet.read(resource_path("patterns"))
    finder, guesser = EntityFinder(), LanguageGuesser()

    def find(text: str, intent: Intent, posted_on: date | None) -> Sequence[Entity]:
        analysis = analyse(normalise(text), patterns)
        lang = guesser.guess(analysis.words.lower, analysis.words.words)
        return finder.find(analysis, lang, intent=intent, posted_on=posted_on)

    return score_posts(posts, find)


def read_golden(path: Path) -> list[GoldenPost]:
    """Return the golden posts of a file of JSON Lines.

    Raises:
        ConfigurationError: The file cannot be read, or a line is no golden post.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from error
    posts = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            posts.append(_read_line(line))
        except (ValueError, KeyError, TypeError) as error:
            faults = (
                "; ".join(
                    f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()
                )
                if isinstance(error, ValidationError)
                else str(error)
            )
            raise ConfigurationError(f"{path}, line {number}: no golden post: {faults}") from error
    return posts


def score_post(post: GoldenPost, found: Sequence[Entity]) -> Outcome:
    """Return which of the found entities are right, wrong and missed."""
    open_golden = list(post.entities)
    named = {(each.kind, each.value.casefold()) for each in post.entities}
    right: list[tuple[Entity, Entity]] = []
    unmatched: list[Entity] = []
    for entity in found:
        golden = next((each for each in open_golden if _agree(each, entity)), None)
        if golden is None:
            unmatched.append(entity)
            continue
        open_golden.remove(golden)
        right.append((golden, entity))
    wrong = [each for each in unmatched if (each.kind, each.value.casefold()) not in named]
    return Outcome(right, wrong, open_golden)


def score_posts(posts: Iterable[GoldenPost], find: FindEntities) -> EntityReport:
    """Return the report on all posts."""
    report = EntityReport()
    for post in posts:
        outcome = score_post(post, find(post.text, post.intent, post.posted_on))
        half = "even" if post.is_even else "odd"
        report.posts += 1
        report.by_post.append(Counts(len(outcome.right), len(outcome.wrong), len(outcome.missed)))
        for golden, entity in outcome.right:
            _counts(report, half, golden.kind, post.lang).right += 1
            if golden.kind == "vendor":
                report.relations += 1
                report.relations_right += golden.relation == entity.relation
        for entity in outcome.wrong:
            _counts(report, half, entity.kind, post.lang).wrong += 1
        for entity in outcome.missed:
            _counts(report, half, entity.kind, post.lang).missed += 1
    return report


def _read_line(line: str) -> GoldenPost:
    post = GoldenPost.model_validate_json(line)
    for entity in post.entities:
        if post.text[entity.start : entity.end] != entity.text:
            raise ValueError(f"{entity.text!r} does not stand at {entity.start}")
        if entity.kind not in KINDS:
            raise ValueError(f"unknown kind {entity.kind!r}; known are {', '.join(KINDS)}")
    return post


def _agree(golden: Entity, found: Entity) -> bool:
    if golden.kind != found.kind:
        return False
    shared = min(golden.end, found.end) - max(golden.start, found.start)
    if 2 * shared < max(golden.end - golden.start, found.end - found.start):
        return False
    return golden.kind not in _BY_VALUE or golden.value.casefold() == found.value.casefold()


def _counts(report: EntityReport, half: str, kind: str, lang: str) -> Counts:
    return report.counts.setdefault((half, kind, lang), Counts())


def _head(what: str) -> str:
    return f"{what:<14}{'golden':>8}{'found':>8}{'P':>8}{'R':>8}{'F1':>8}"


def _line(name: str, counts: Counts) -> str:
    golden, found = counts.right + counts.missed, counts.right + counts.wrong
    return (
        f"{name:<14}{golden:8}{found:8}{counts.precision:8.3f}{counts.recall:8.3f}{counts.f1:8.3f}"
    )

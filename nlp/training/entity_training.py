"""Makes the weights of the entity reader from the annotated posts: tags and vendors' relations.

`askwatch train-entities` takes a minute and needs the repository alone. The same posts and rules
give the same weights: a convex loss has one minimum, and nothing is drawn.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from askwatch.errors import ConfigurationError
from askwatch.model.lead import Intent
from nlp.analysis import analyse
from nlp.entities import EntityFinder
from nlp.entities.clues import TAG_KINDS, read_clues, read_places
from nlp.entities.grammar import Grammar, read_grammar
from nlp.entities.passage import Passage
from nlp.entities.relations import (
    RELATIONS,
    RelationReader,
    read_relation_clues,
    relations_path,
)
from nlp.entities.tagger import TAGS, Tagger, tagger_path
from nlp.entities.weights import Weights, no_weights, write_weights
from nlp.language import LanguageGuesser
from nlp.normalise import normalise
from nlp.patterns import PatternSet
from nlp.resources import resource_path
from nlp.training.chain import fit_chain
from nlp.training.entity_corpus import read_annotated
from nlp.training.entity_scores import GoldenPost


@dataclass(frozen=True, slots=True)
class Fit:
    """How weights are learned. Chosen by cross-validation over the annotated posts."""

    strength: float  # how small weights are held
    rounds: int
    restraint: float  # how much an entity is preferred to none
    least_seen: int = 2  # in how many things a clue must stand


TAGGING = Fit(strength=1.2, rounds=60, restraint=0.5)
RELATING = Fit(strength=2.0, rounds=60, restraint=0.0)
_MOST_NUMBER = 127
# Which part of the time is over when the posts are read.
_READ = 0.2

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Example:
    """A row of things with the clues and the label of each: the words or vendors of a post."""

    rows: list[list[str]]
    labels: list[int]


@dataclass(frozen=True, slots=True)
class Report:
    """What was learned from how much."""

    posts: int
    vendors: int
    size_bytes: int


def read_examples(posts: Sequence[GoldenPost]) -> list[Example]:
    """Return the words of the posts as examples, with what the rules say of them."""
    finder = EntityFinder(Tagger(no_weights(TAGS)), RelationReader(no_weights(RELATIONS)))
    examples = []
    for post, passage, grammar in _read_posts(posts):
        is_search = post.intent is Intent.CANDIDATE_SEARCH
        ruled = finder.find_by_rules(passage, grammar, grammar.lang, is_search=is_search)
        rows = read_clues(passage, grammar, finder.lists, ruled, is_search=is_search)
        examples.append(Example(rows, _read_tags(passage, post)))
    return examples


def read_related(posts: Sequence[GoldenPost]) -> list[Example]:
    """Return the vendors of the posts as examples; posts without one give none."""
    examples = []
    for post, passage, grammar in _read_posts(posts):
        vendors = sorted(
            (each for each in post.entities if each.kind == "vendor"), key=lambda each: each.start
        )
        spans = [_find_words(passage, each.start, each.end) for each in vendors]
        labels = [RELATIONS.index(each.relation or RELATIONS[0]) for each in vendors]
        if vendors and all(first < last for first, last in spans):
            examples.append(Example(read_relation_clues(passage, grammar, spans), labels))
    return examples


def fit_weights(
    examples: Sequence[Example],
    labels: Sequence[str] = TAGS,
    fit: Fit = TAGGING,
    *,
    on_round: Callable[[int], None] | None = None,
) -> Weights:
    """Return the weights that the examples teach; without any they tell nothing."""
    seen = Counter(clue for each in examples for row in each.rows for clue in row)
    clues = sorted(clue for clue, times in seen.items() if times >= fit.least_seen)
    if not clues:
        return no_weights(labels)
    chain = fit_chain(
        _make_matrix(examples, {clue: column for column, clue in enumerate(clues)}),
        [len(each.labels) for each in examples],
        np.array([label for each in examples for label in each.labels], dtype=np.intp),
        tag_count=len(labels),
        strength=fit.strength,
        rounds=fit.rounds,
        on_round=on_round,
    )
    unit = float(np.abs(chain.clues).max()) / _MOST_NUMBER
    numbers = np.round(chain.clues / unit).astype(np.int8)
    kept = np.flatnonzero(numbers.any(axis=1))
    return Weights(
        labels=tuple(labels),
        clues=tuple(clues[row] for row in kept),
        numbers=numbers[kept],
        unit=unit,
        steps=chain.steps.astype(np.float32),
        first=chain.first.astype(np.float32),
        restraint=fit.restraint,
    )


def train_entities(annotated: Path, target: Path, *, on_progress: Progress | None = None) -> Report:
    """Write tagger.npz and relations.npz, made from the annotated posts, to the folder `target`.

    Raises:
        ConfigurationError: The annotations are missing or do not fit, or the folder cannot be
            written.
    """
    tell = on_progress or _tell_nobody
    tell("reading posts", 0.0)
    posts = read_annotated(annotated)
    examples, related = read_examples(posts), read_related(posts)

    def tell_round(number: int) -> None:
        tell("fitting the tagger", _READ + (1 - _READ) * number / TAGGING.rounds)

    tell("fitting relations", _READ)
    paths = [target / relations_path().name, target / tagger_path().name]
    found = [
        fit_weights(related, RELATIONS, RELATING),
        fit_weights(examples, on_round=tell_round),
    ]
    try:
        target.mkdir(parents=True, exist_ok=True)
        for weights, path in zip(found, paths, strict=True):
            write_weights(weights, path)
    except OSError as error:
        raise ConfigurationError(f"{target}: cannot be written: {error.strerror}") from error
    return Report(
        posts=len(posts),
        vendors=sum(len(each.labels) for each in related),
        size_bytes=sum(path.stat().st_size for path in paths),
    )


def _tell_nobody(_what: str, _share: float) -> None:
    """Take what nobody asked for."""


def _read_posts(posts: Sequence[GoldenPost]) -> Iterator[tuple[GoldenPost, Passage, Grammar]]:
    patterns = PatternSet.read(resource_path("patterns"))
    guesser = LanguageGuesser()
    for post in posts:
        analysis = analyse(normalise(post.text), patterns)
        lang = guesser.guess(analysis.words.lower, analysis.words.words)
        yield post, Passage(analysis), read_grammar(lang)


def _read_tags(passage: Passage, post: GoldenPost) -> list[int]:
    """Return the tag of each word that the tagger reads; of entities that overlap the first."""
    spans = [
        passage.analysis.normal.span(passage.starts[place], passage.ends[place])
        for place in read_places(passage)
    ]
    tags = [0] * len(spans)
    for entity in sorted(post.entities, key=lambda each: (each.start, -each.end)):
        kind = TAG_KINDS.get(entity.kind)
        touched = [
            at for at, (start, end) in enumerate(spans) if start < entity.end and end > entity.start
        ]
        if kind is None or not touched or any(tags[at] for at in touched):
            continue
        for at in touched:
            tags[at] = TAGS.index(f"{'B' if at == touched[0] else 'I'}-{kind}")
    return tags


def _find_words(passage: Passage, start: int, end: int) -> tuple[int, int]:
    """Return the words [first, last) of the characters [start, end) of the original text."""
    spans = [
        passage.analysis.normal.span(*each)
        for each in zip(passage.starts, passage.ends, strict=True)
    ]
    touched = [at for at, (first, last) in enumerate(spans) if first < end and last > start]
    return (touched[0], touched[-1] + 1) if touched else (0, 0)


def _make_matrix(examples: Sequence[Example], columns: dict[str, int]) -> csr_matrix:
    rows: list[int] = [0]
    found: list[int] = []
    for example in examples:
        for row in example.rows:
            found += [columns[clue] for clue in row if clue in columns]
            rows.append(len(found))
    ones: NDArray[np.float64] = np.ones(len(found))
    return csr_matrix((ones, found, rows), shape=(len(rows) - 1, len(columns)))

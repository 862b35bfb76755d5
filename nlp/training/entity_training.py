"""Makes the tagger of entities from the annotated corpus posts.

`python -m nlp.training.entity_training` takes a minute and needs the repository alone. The same
posts and rules give the same weights: a convex loss has one minimum, and nothing is drawn.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from askwatch.model.lead import Intent
from nlp.analysis import analyse
from nlp.entities import EntityFinder
from nlp.entities.clues import TAG_KINDS, read_clues, read_places
from nlp.entities.grammar import read_grammar
from nlp.entities.passage import Passage
from nlp.entities.tagger import (
    TAGS,
    Tagger,
    Weights,
    no_weights,
    tagger_path,
    write_weights,
)
from nlp.language import LanguageGuesser
from nlp.normalise import normalise
from nlp.patterns import PatternSet
from nlp.resources import resource_path
from nlp.training.chain import fit_chain
from nlp.training.entity_corpus import read_annotated
from nlp.training.entity_scores import GoldenPost

# Chosen by cross-validation over the annotated posts: how small weights are held, how many rounds,
# how much an entity is preferred to none, and in how many words a clue must stand.
STRENGTH, ROUNDS, RESTRAINT, LEAST_SEEN = 1.2, 60, 0.5, 2
_MOST_NUMBER = 127


@dataclass(frozen=True, slots=True)
class Example:
    """A post as the tagger sees it: the clues and the tag of each word."""

    rows: list[list[str]]
    tags: list[int]


def read_examples(posts: Sequence[GoldenPost]) -> list[Example]:
    """Return the posts as examples, with what the rules say of them."""
    finder, guesser = EntityFinder(Tagger(no_weights())), LanguageGuesser()
    patterns = PatternSet.read(resource_path("patterns"))
    examples = []
    for post in posts:
        analysis = analyse(normalise(post.text), patterns)
        lang = guesser.guess(analysis.words.lower, analysis.words.words)
        passage, grammar = Passage(analysis), read_grammar(lang)
        is_search = post.intent is Intent.CANDIDATE_SEARCH
        ruled = finder.find_by_rules(passage, grammar, lang, is_search=is_search)
        rows = read_clues(passage, grammar, finder.lists, ruled, is_search=is_search)
        examples.append(Example(rows, _read_tags(passage, post)))
    return examples


def fit_weights(examples: Sequence[Example]) -> Weights:
    """Return the weights that the examples teach."""
    seen = Counter(clue for each in examples for row in each.rows for clue in row)
    clues = sorted(clue for clue, times in seen.items() if times >= LEAST_SEEN)
    tags = np.array([tag for each in examples for tag in each.tags], dtype=np.intp)
    chain = fit_chain(
        _make_matrix(examples, {clue: column for column, clue in enumerate(clues)}),
        [len(each.tags) for each in examples],
        tags,
        tag_count=len(TAGS),
        strength=STRENGTH,
        rounds=ROUNDS,
    )
    unit = float(np.abs(chain.clues).max()) / _MOST_NUMBER
    numbers = np.round(chain.clues / unit).astype(np.int8)
    kept = np.flatnonzero(numbers.any(axis=1))
    return Weights(
        clues=tuple(clues[row] for row in kept),
        numbers=numbers[kept],
        unit=unit,
        steps=chain.steps.astype(np.float32),
        first=chain.first.astype(np.float32),
        restraint=RESTRAINT,
    )


def train_tagger(annotated: Path, corpus: Path, target: Path) -> int:
    """Write the tagger of the annotated posts to `target`; return how many posts there were.

    Raises:
        ConfigurationError: The annotations are missing, or do not fit the corpus.
    """
    posts = read_annotated(annotated, corpus)
    write_weights(fit_weights(read_examples(posts)), target)
    return len(posts)


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


def _make_matrix(examples: Sequence[Example], columns: dict[str, int]) -> csr_matrix:
    rows: list[int] = [0]
    found: list[int] = []
    for example in examples:
        for row in example.rows:
            found += [columns[clue] for clue in row if clue in columns]
            rows.append(len(found))
    ones: NDArray[np.float64] = np.ones(len(found))
    return csr_matrix((ones, found, rows), shape=(len(rows) - 1, len(columns)))


def main() -> None:
    """Train from the repository, and put the tagger where the package looks for it."""
    here = Path(__file__).parents[1]
    count = train_tagger(here / "corpus_entities", here / "corpus", tagger_path())
    sys.stdout.write(f"{tagger_path()}: learned from {count} posts\n")


if __name__ == "__main__":
    main()

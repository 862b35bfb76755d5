"""Measures how alike the posts of a corpus are: words, openings, nearest neighbours."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from nlp.training.bootstrap import SEED
from nlp.training.corpus import LabelledPost

_WORD = re.compile(r"[^\W_]+")
# Distinct words per words fall with the length of a text, so every language is cut to as many.
TOKENS_COMPARED = 20_000
_OPENING = 3
# More posts of one label and language than these are sampled.
POSTS_COMPARED = 1_000
_BLOCK = 250


@dataclass(frozen=True, slots=True)
class Words:
    """Words of one language, among at most `TOKENS_COMPARED` drawn post by post."""

    lang: str
    tokens: int
    distinct_share: float


@dataclass(frozen=True, slots=True)
class Likeness:
    """How far the posts of one language and label are from the likest post of their language."""

    lang: str
    label: str
    posts: int
    compared: int  # fewer than posts where they were sampled
    distinct_openings: float  # share of posts whose first three words no other of them has first
    median_distance: float  # 1 - cosine of TF-IDF of runs of three to five characters
    low_distance: float  # of the 5th percentile


@dataclass(frozen=True, slots=True)
class Diversity:
    """Both, for every language."""

    words: tuple[Words, ...]
    likeness: tuple[Likeness, ...]


def measure_diversity(posts: Sequence[LabelledPost], *, seed: int = SEED) -> Diversity:
    """Return words, openings and distances; samples are drawn with `seed`."""
    words, likeness = [], []
    for lang in sorted({post.lang for post in posts}):
        chosen = [post for post in posts if post.lang == lang]
        words.append(_count_words(lang, chosen, np.random.default_rng(seed)))
        likeness += _measure_likeness(lang, chosen, np.random.default_rng(seed))
    return Diversity(tuple(words), tuple(likeness))


def _count_words(lang: str, posts: Sequence[LabelledPost], generator: np.random.Generator) -> Words:
    tokens: list[str] = []
    for place in generator.permutation(len(posts)).tolist():
        tokens += _WORD.findall(posts[place].text.lower())
        if len(tokens) >= TOKENS_COMPARED:
            break
    tokens = tokens[:TOKENS_COMPARED]
    return Words(lang, len(tokens), len(set(tokens)) / max(1, len(tokens)))


def _measure_likeness(
    lang: str, posts: Sequence[LabelledPost], generator: np.random.Generator
) -> list[Likeness]:
    labels = [post.intent.value for post in posts]
    by_label = {
        label: np.array([place for place, each in enumerate(labels) if each == label])
        for label in sorted(set(labels))
    }
    drawn = {
        label: np.sort(generator.permutation(places)[:POSTS_COMPARED])
        for label, places in by_label.items()
    }
    distances = _measure_distances([post.text for post in posts], np.concatenate([*drawn.values()]))
    found = []
    for label, places in by_label.items():
        own, distances = np.split(distances, [len(drawn[label])])
        openings = [_open(posts[place].text) for place in places.tolist()]
        found.append(
            Likeness(
                lang, label, len(places), len(own),
                sum(count == 1 for count in Counter(openings).values()) / len(openings),
                float(np.median(own)), float(np.quantile(own, 0.05)),
            )
        )  # fmt: skip
    return found


def _measure_distances(texts: Sequence[str], compared: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the distance of each text compared to the nearest other of all texts."""
    if len(texts) < 2:
        return np.ones(len(compared))
    vectorizer = TfidfVectorizer(
        analyzer="char", ngram_range=(3, 5), sublinear_tf=True, dtype=np.float32
    )
    try:
        matrix = vectorizer.fit_transform(texts)
    except ValueError:  # nothing but texts of two characters
        return np.ones(len(compared))
    columns = matrix.T.tocsr()
    nearest = []
    for start in range(0, len(compared), _BLOCK):
        places = compared[start : start + _BLOCK]
        cosines = (matrix[places] @ columns).toarray()
        cosines[np.arange(len(places)), places] = -1.0
        nearest.append(1.0 - np.clip(cosines.max(axis=1), 0.0, 1.0).astype(np.float64))
    return np.concatenate(nearest)


def _open(text: str) -> str:
    return " ".join(_WORD.findall(text.lower())[:_OPENING])

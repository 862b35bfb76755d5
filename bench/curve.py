"""A learning curve: how well the fast part finds asks after 600, 1 250, ... posts of the corpus.

`python -m bench.curve FILE...` trains on nested parts of the corpus and measures on labelled
files (JSON Lines with "text", "lang" and "intent"). The encoder is left out: it takes an hour
for each point.
"""

import argparse
import hashlib
import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from nlp.model import ASKS, INTENTS
from nlp.topics import builtin_topics
from nlp.training.configuration import read_configuration
from nlp.training.corpus import LabelledPost, read_corpus
from nlp.training.heads import Labels, fit_heads
from nlp.training.matrix import Reader, build_matrix, build_vocabulary

_SIZES = (600, 1_250, 2_500, 5_000, 10_000, 20_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, help="labelled posts to measure on")
    parser.add_argument("--corpus", type=Path, default=Path(str(files("nlp").joinpath("corpus"))))
    options = parser.parse_args()
    posts = sorted(read_corpus(options.corpus), key=_place)
    rows = [row for path in options.files for row in _read(path)]
    langs = [lang for lang in ("en", "da", "de", "no", "sv") if _count(rows, lang) >= 40]
    print("posts | " + " | ".join(f"{lang} {ask.value}" for lang in langs for ask in ASKS))
    for size in [size for size in _SIZES if size < len(posts)] + [len(posts)]:
        said = _learn(posts[:size], [row["text"] for row in rows])
        figures = [
            f"{_f1(rows, said, lang, INTENTS.index(ask)):.3f}" for lang in langs for ask in ASKS
        ]
        print(f"{size} | " + " | ".join(figures), flush=True)


def _learn(posts: Sequence[LabelledPost], texts: Sequence[str]) -> Any:
    """Return the intent said of each text by a model of `posts`."""
    settings = read_configuration()
    reader = Reader()
    features = reader.read([post.text for post in posts])
    vocabulary = build_vocabulary(features, settings.features)
    labels = Labels.of(posts, [topic.topic_id for topic in builtin_topics()])
    heads = fit_heads(
        build_matrix(features, vocabulary),
        labels,
        np.ones(len(posts)),
        settings.heads,
        hashed=len(vocabulary.ids),
        seed=1,
    )
    scores = heads.apply(build_matrix(reader.read(texts), vocabulary))
    return scores[:, : len(INTENTS)].argmax(axis=1)


def _f1(rows: Sequence[dict[str, Any]], said: Any, lang: str, intent: int) -> float:
    right = found = there = 0
    for row, guess in zip(rows, said.tolist(), strict=True):
        if row["lang"] == lang:
            is_it = row["intent"] == INTENTS[intent].value
            right += is_it and guess == intent
            found += guess == intent
            there += is_it
    return 2 * right / max(1, found + there)


def _count(rows: Sequence[dict[str, Any]], lang: str) -> int:
    return sum(row["lang"] == lang for row in rows)


def _place(post: LabelledPost) -> str:
    """Return a place that has nothing to do with who wrote a post when."""
    return hashlib.sha256(post.id.encode()).hexdigest()


def _read(path: Path) -> list[dict[str, Any]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


if __name__ == "__main__":
    main()

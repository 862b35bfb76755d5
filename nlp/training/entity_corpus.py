"""Reads the corpus posts that are annotated with entities: what the tagger learns from.

`nlp/corpus_entities/*.jsonl` holds a line a post: its id in the corpus, and its entities as
`[kind, text, start]` or, for vendors, `[kind, text, start, relation]`. Values are left out: rules
read them.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from askwatch.errors import ConfigurationError
from askwatch.model.lead import Entity
from nlp.training.corpus import LabelledPost, read_corpus
from nlp.training.entity_scores import KINDS, GoldenPost

_REMEDY = "annotate the post anew, or take its line out"


def read_annotated(folder: Path, corpus: Path) -> list[GoldenPost]:
    """Return the annotated posts in order of language and id; their entities have no values.

    Raises:
        ConfigurationError: A file is missing, or annotations do not fit the corpus.
    """
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        raise ConfigurationError(f"{folder}: no annotated posts (*.jsonl) are there")
    posts = {post.id: post for post in read_corpus(corpus)}
    found: list[GoldenPost] = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            try:
                found.append(_read_line(line, posts))
            except (ValueError, KeyError, TypeError, IndexError) as error:
                raise ConfigurationError(
                    f"{path}, line {number}: entities do not fit the corpus: {error}; {_REMEDY}"
                ) from error
    return found


def _read_line(line: str, posts: dict[str, LabelledPost]) -> GoldenPost:
    row = json.loads(line)
    post = posts.get(row["id"])
    if post is None:
        raise ValueError(f"there is no post {row['id']!r}")
    return GoldenPost(
        id=post.id,
        lang=post.lang,
        intent=post.intent,
        text=post.text,
        entities=tuple(_read_entities(row["entities"], post.text)),
    )


def _read_entities(rows: Iterable[list[object]], text: str) -> Iterable[Entity]:
    for row in rows:
        kind, written, start = str(row[0]), str(row[1]), int(str(row[2]))
        if kind not in KINDS:
            raise ValueError(f"unknown kind {kind!r}; known are {', '.join(KINDS)}")
        if text[start : start + len(written)] != written:
            raise ValueError(f"{written!r} does not stand at {start}")
        yield Entity(
            kind=kind,
            text=written,
            start=start,
            end=start + len(written),
            value="",
            relation=str(row[3]) if len(row) > 3 else "",
        )

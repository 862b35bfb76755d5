"""Reads the posts that are annotated with entities: what the entity reader learns from.

`nlp/corpus_entities/*.jsonl` holds a line a post: its `id` and its entities as
`[kind, text, start]` or, for vendors, `[kind, text, start, relation]`. Values are left out: rules
read them. A line without `text` is of the post of the corpus that has this id; another one brings
`text`, `lang` and `intent` along.
"""

import json
from collections.abc import Callable, Collection, Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path

from askwatch.errors import ConfigurationError
from askwatch.model.lead import Entity, Intent
from nlp.training.corpus import LabelledPost, read_corpus
from nlp.training.entity_scores import KINDS, GoldenPost

_REMEDY = "annotate the post anew, or take its line out"


def read_annotated(folder: Path, corpus: Path | None = None) -> list[GoldenPost]:
    """Return the annotated posts in order of their files; their entities have no values.

    `corpus` None: the one that ships with the package.

    Raises:
        ConfigurationError: There is no file, or annotations do not fit their post.
    """
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        raise ConfigurationError(f"{folder}: no annotated posts (*.jsonl) are there")
    found: dict[str, GoldenPost] = {}

    @cache
    def read_known() -> dict[str, LabelledPost]:
        return {post.id: post for post in read_corpus(corpus or _packaged_corpus())}

    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            try:
                post = _read_line(line, found, read_known)
            except (ValueError, KeyError, TypeError, IndexError) as error:
                raise ConfigurationError(
                    f"{path}, line {number}: entities do not fit the post: {error}; {_REMEDY}"
                ) from error
            found[post.id] = post
    return list(found.values())


def _packaged_corpus() -> Path:
    return Path(str(files("nlp").joinpath("corpus")))


def _read_line(
    line: str, found: Collection[str], read_known: Callable[[], dict[str, LabelledPost]]
) -> GoldenPost:
    row = json.loads(line)
    if row["id"] in found:
        raise ValueError(f"there is another post {row['id']!r}")
    if "text" in row:
        text, lang, intent = str(row["text"]), str(row["lang"]), Intent(row["intent"])
    elif (post := read_known().get(row["id"])) is not None:
        text, lang, intent = post.text, post.lang, post.intent
    else:
        raise ValueError(f"there is no post {row['id']!r} in the corpus")
    entities = tuple(_read_entities(row["entities"], text))
    return GoldenPost(id=row["id"], lang=lang, intent=intent, text=text, entities=entities)


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

"""Reads the posts that are annotated with entities: what the entity reader learns from.

`nlp/corpus_entities/*.jsonl` holds a line a post: `id`, `lang`, `intent`, `text`, and its entities
as `[kind, text, start]` or, for vendors, `[kind, text, start, relation]`. Values are left out:
rules read them. Most of the posts stand in `nlp/corpus` too; their texts are kept here, so that a
post that leaves the corpus or changes there takes no annotation along.
"""

import json
from collections.abc import Collection, Iterable
from pathlib import Path

from askwatch.errors import ConfigurationError
from askwatch.model.lead import Entity, Intent
from nlp.training.entity_scores import KINDS, GoldenPost

_REMEDY = "annotate the post anew, or take its line out"


def read_annotated(folder: Path) -> list[GoldenPost]:
    """Return the annotated posts in order of their files; their entities have no values.

    Raises:
        ConfigurationError: There is no file, or annotations do not fit their post.
    """
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        raise ConfigurationError(f"{folder}: no annotated posts (*.jsonl) are there")
    found: dict[str, GoldenPost] = {}
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            try:
                post = _read_line(line, found)
            except (ValueError, KeyError, TypeError, IndexError) as error:
                raise ConfigurationError(
                    f"{path}, line {number}: entities do not fit the post: {error}; {_REMEDY}"
                ) from error
            found[post.id] = post
    return list(found.values())


def _read_line(line: str, known: Collection[str]) -> GoldenPost:
    row = json.loads(line)
    if row["id"] in known:
        raise ValueError(f"there is another post {row['id']!r}")
    text = str(row["text"])
    return GoldenPost(
        id=row["id"],
        lang=row["lang"],
        intent=Intent(row["intent"]),
        text=text,
        entities=tuple(_read_entities(row["entities"], text)),
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

"""Reads the corpus: one JSON object a line; a mistake is named with file, line and field."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from askwatch.errors import ConfigurationError
from askwatch.model.lead import Intent
from askwatch.model.post import TEXT_LIMIT
from nlp.model import ASKS
from nlp.topics import builtin_topics

_FAULTS_SHOWN = 10


class CorpusError(ConfigurationError):
    """Lines of a corpus file are not as they must be."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = list(faults)
        more = (
            f"\n... and {len(faults) - _FAULTS_SHOWN} more" if len(faults) > _FAULTS_SHOWN else ""
        )
        super().__init__("corpus: " + "\n".join(self.faults[:_FAULTS_SHOWN]) + more)


class LabelledPost(BaseModel):
    """A post with what a reader says of it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str = Field(min_length=1, max_length=100)
    text: str = Field(min_length=1, max_length=TEXT_LIMIT)
    lang: str = Field(pattern=r"^[a-z]{2}$")
    intent: Intent
    b2b: bool
    topic: str | None = None
    urgency: Literal["normal", "high"] = "normal"
    kind_of_place: str = Field(default="", alias="register")  # reddit, tweet, newsgroup, ...
    spans: tuple[str, ...] = ()
    note: str = ""
    hard: bool = False

    @field_validator("topic")
    @classmethod
    def _known_topic(cls, topic: str | None) -> str | None:
        if topic and topic not in {each.topic_id for each in builtin_topics()}:
            raise ValueError(f"there is no topic {topic!r} in nlp/resources/topics.toml")
        return topic or None

    @model_validator(mode="after")
    def _spans_stand_in_text(self) -> Self:
        for span in self.spans:
            if span not in self.text:
                raise ValueError(f"spans: {span[:60]!r} does not stand in the text")
        return self

    @property
    def is_ask(self) -> bool:
        return self.intent in ASKS


def read_posts(path: Path) -> list[LabelledPost]:
    """Return the posts of one file.

    Raises:
        CorpusError: Some line is wrong; the message names file, line and field of each.
        ConfigurationError: The file cannot be read.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error
    posts, faults = [], []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            posts.append(LabelledPost.model_validate_json(line))
        except ValidationError as error:
            faults += [f"{path}:{number}: {_describe(fault)}" for fault in error.errors()]
    if faults:
        raise CorpusError(faults)
    return posts


def read_corpus(folder: Path) -> list[LabelledPost]:
    """Return the posts of all *.jsonl files in `folder`, in order of file name and line.

    Raises:
        CorpusError: A line is wrong, or an id is used twice.
        ConfigurationError: There is no such file.
    """
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        raise ConfigurationError(f"{folder}: no corpus files (*.jsonl) are there")
    posts: list[LabelledPost] = []
    faults: list[str] = []
    for path in paths:
        try:
            posts += read_posts(path)
        except CorpusError as error:
            faults += error.faults
    if faults:
        raise CorpusError(faults)
    seen: set[str] = set()
    for post in posts:
        if post.id in seen:
            faults.append(f"{folder}: id: {post.id!r} is used twice")
        seen.add(post.id)
    if faults:
        raise CorpusError(faults)
    return posts


def hash_posts(posts: Iterable[LabelledPost]) -> str:
    """Return a short hash of everything that training reads."""
    digest = hashlib.sha256()
    for post in posts:
        digest.update(post.model_dump_json().encode())
    return digest.hexdigest()[:16]


def _describe(fault: object) -> str:
    if not isinstance(fault, dict):
        return str(fault)
    place = ".".join(map(str, fault["loc"])) or "line"
    return f"{place}: {fault['msg']}"

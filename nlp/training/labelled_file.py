"""Reads posts to measure on: JSON Lines with "text" and, where a reader labelled them, labels."""

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from askwatch.errors import ConfigurationError
from askwatch.model.lead import Intent

_FAULTS_SHOWN = 5
_INTENTS = frozenset(Intent)
_UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class MeasuredPost:
    """A line of the file; `intent` is None where it has no labels."""

    post_id: str
    text: str
    lang: str
    intent: Intent | None
    b2b: bool
    topic: str | None
    is_hard: bool
    register: str  # reddit, tweet, newsgroup, ...; "unknown" where the line does not say

    @property
    def words(self) -> int:
        return len(self.text.split())


def read_lines(path: Path) -> list[bytes]:
    """Return the lines of a *.jsonl or *.jsonl.gz file.

    Raises:
        ConfigurationError: It cannot be read.
    """
    try:
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigurationError(f"{path}: cannot be read: {reason}") from error
    return content.split(b"\n")


def read_measured(path: Path) -> list[MeasuredPost]:
    """Return the posts of a file; one without "id" is called by its line.

    A line has "text" and, where it is labelled, "lang", "intent", "b2b", "topic", "hard", and
    "register" or "platform".

    Raises:
        ConfigurationError: The file cannot be read, or a line is wrong; the message names lines.
    """
    posts, faults = [], []
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        try:
            posts.append(_read_post(line, f"{path.name}:{number}"))
        except ValueError as error:
            faults.append(f"{path}:{number}: {error}")
    if faults:
        more = f" ... and {len(faults) - _FAULTS_SHOWN} more" if len(faults) > _FAULTS_SHOWN else ""
        raise ConfigurationError("; ".join(faults[:_FAULTS_SHOWN]) + more)
    return posts


def read_object(line: bytes) -> dict[str, Any]:
    """Return the object on a line.

    Raises:
        ValueError: There is none; the message says why.
    """
    try:
        entry = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from None
    if type(entry) is not dict:
        raise ValueError("not an object")
    return entry


def _read_post(line: bytes, place: str) -> MeasuredPost:
    entry = read_object(line)
    if type(entry.get("text")) is not str:
        raise ValueError('not an object with a string "text"')
    intent = entry.get("intent")
    if intent is not None and intent not in _INTENTS:
        raise ValueError(f"intent: {intent!r} is none of {', '.join(sorted(_INTENTS))}")
    return MeasuredPost(
        post_id=str(entry.get("id") or place),
        text=entry["text"],
        lang=str(entry.get("lang") or "und"),
        intent=None if intent is None else Intent(intent),
        b2b=bool(entry.get("b2b")),
        topic=entry.get("topic") or None,
        is_hard=bool(entry.get("hard")),
        register=_name_register(entry.get("register") or entry.get("platform")),
    )


def _name_register(value: object) -> str:
    """Return the kind of place alone: "usenet (example.org): travel" is "usenet"."""
    name = str(value or "").split("(")[0].split(":")[0].strip().lower()
    return name or _UNKNOWN

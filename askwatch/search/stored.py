"""How a document lies in an index: its own form to give back, and the fields to search by."""

import math
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from askwatch.errors import BadRecordError
from askwatch.model.ids import LeadId
from askwatch.search.analysis import make_columns
from askwatch.search.query import LeadDocument

# The one lead state the index knows: such documents have no text and hide from searches.
WITHDRAWN = "withdrawn"
# Stands for "no time": before every time there can be.
NO_TIME = -(2**62)
# Values to filter by are names and codes; a longer one is cut, alike in documents and questions.
VALUE_LIMIT = 256

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIMES = ("published_at", "found_at")
_SINGLE_VALUES = (
    "state", "lane", "intent", "lang", "source_id", "region", "owner_id", "outcome", "urgency",
)  # fmt: skip
_ID_LIMIT = 128
_REVISION_LIMIT = 2**62


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document ready to be written; all text in it can be encoded."""

    lead_id: LeadId
    revision: int
    fields: dict[str, Any]  # the document itself: strings, numbers, lists
    values: dict[str, str]  # FACET_FIELDS without topic_ids
    topic_ids: tuple[str, ...]  # distinct
    numbers: dict[str, float | int]  # what can be sorted by; times as microseconds since 1970
    columns: tuple[str, ...]  # tokens, see `analysis.COLUMNS`

    @property
    def document(self) -> bytes:
        """Return `fields` as JSON."""
        return orjson.dumps(self.fields)


def store(document: LeadDocument) -> StoredDocument:
    """Return `document` as an index keeps it.

    Raises:
        BadRecordError: Something in it cannot be; the message names document and field.
    """
    _check(document)
    stored = {each.name: _clean(getattr(document, each.name)) for each in fields(document)}
    clean = replace(document, title=stored["title"], text=stored["text"])
    return StoredDocument(
        lead_id=document.lead_id,
        revision=document.revision,
        fields=stored,
        values={name: stored[name][:VALUE_LIMIT] for name in _SINGLE_VALUES},
        topic_ids=tuple(dict.fromkeys(each[:VALUE_LIMIT] for each in stored["topic_ids"])),
        numbers={
            # Adding 0.0 makes -0.0 the zero that it equals; Elasticsearch would sort it lower.
            "probability": float(document.probability) + 0.0,
            "value": float(document.value) + 0.0,
            "published_at": to_microseconds(document.published_at),
            "found_at": to_microseconds(document.found_at),
        },
        columns=make_columns(clean.full_text),
    )


def restore(stored: dict[str, Any]) -> LeadDocument:
    """Return the document whose `fields` these are."""
    times = {name: stored[name] and datetime.fromisoformat(stored[name]) for name in _TIMES}
    return LeadDocument(**{**stored, **times, "topic_ids": tuple(stored["topic_ids"])})


def newest(documents: list[StoredDocument]) -> list[StoredDocument]:
    """Return the newest of each lead; of equal revisions the last, which would have replaced."""
    found: dict[str, StoredDocument] = {}
    for document in documents:
        other = found.get(document.lead_id)
        if other is None or document.revision >= other.revision:
            found[document.lead_id] = document
    return list(found.values())


def to_microseconds(at: datetime | None) -> int:
    """Return whole microseconds since 1970; `NO_TIME` for None."""
    return NO_TIME if at is None else (at - _EPOCH) // timedelta(microseconds=1)


def clean_text(text: str) -> str:
    """Return `text` with a question mark for each half of a surrogate pair; offsets stay."""
    return text.encode("utf-8", "replace").decode()


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, tuple):
        return [clean_text(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value


def _check(document: LeadDocument) -> None:
    lead_id = document.lead_id
    if not lead_id or len(lead_id) > _ID_LIMIT or lead_id != clean_text(lead_id):
        raise BadRecordError(f"a lead id has 1 to {_ID_LIMIT} characters, not {len(lead_id)}")
    if not 0 <= document.revision < _REVISION_LIMIT:
        raise BadRecordError(f"lead {lead_id}: revision {document.revision} is out of range")
    for name in ("probability", "value"):
        if not math.isfinite(getattr(document, name)):
            raise BadRecordError(f"lead {lead_id}: {name} is not a number")
    for name in _TIMES:
        at = getattr(document, name)
        if at is not None and at.tzinfo is None:
            raise BadRecordError(f"lead {lead_id}: {name} has no time zone")

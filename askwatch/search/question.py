"""A query checked and made ready: what both back ends translate into their own language."""

import base64
import binascii
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from askwatch.errors import InvalidRequestError
from askwatch.model.ids import derive_id
from askwatch.search.query import FACET_FIELDS, LeadHit, LeadPage, LeadQuery, SortField
from askwatch.search.stored import VALUE_LIMIT, WITHDRAWN, clean_text, restore, to_microseconds
from askwatch.search.terms import Term, find_highlights, read_terms

LIMIT = 200
FILTER_VALUES_LIMIT = 500
_TIME_SORTS = (SortField.FOUND_AT, SortField.PUBLISHED_AT)
_LARGEST_INTEGER = 2**63


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ends: its last hit's value of the sort field, and lead id."""

    value: float | int
    lead_id: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, without anything left to check."""

    terms: tuple[Term, ...]
    filters: dict[str, tuple[str, ...]]  # only those with values
    hides_withdrawn: bool
    found_after: int | None  # microseconds
    found_before: int | None
    min_probability: float
    sort: SortField
    is_descending: bool
    limit: int
    after: Position | None
    fingerprint: str

    def cursor(self, position: Position) -> str:
        """Return the cursor of the page behind `position`."""
        content = orjson.dumps([self.fingerprint, position.value, position.lead_id])
        return base64.urlsafe_b64encode(content).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Found:
    """A hit as a back end returns it."""

    fields: dict[str, object]  # of the stored document
    position: Position


def prepare(query: LeadQuery) -> Question:
    """Return `query` checked.

    Raises:
        InvalidRequestError: Something in it cannot be; the message says what.
    """
    _check(query)
    terms = read_terms(clean_text(query.text), query.lang)
    sort, is_descending = query.sort, query.descending
    if sort is SortField.RELEVANCE and not terms:
        sort, is_descending = SortField.FOUND_AT, True
    filters = {
        name: tuple(dict.fromkeys(clean_text(value)[:VALUE_LIMIT] for value in values))
        for name, values in query.filters.items()
        if values
    }
    fingerprint = _fingerprint(query)
    return Question(
        terms=tuple(terms),
        filters=filters,
        hides_withdrawn=WITHDRAWN not in filters.get("state", ()),
        found_after=_to_bound(query.found_after),
        found_before=_to_bound(query.found_before),
        min_probability=query.min_probability,
        sort=sort,
        is_descending=is_descending,
        limit=query.limit,
        after=_read_cursor(query.cursor, fingerprint, sort) if query.cursor else None,
        fingerprint=fingerprint,
    )


def make_page(
    question: Question, found: Sequence[Found], total: int, facets: dict[str, dict[str, int]]
) -> LeadPage:
    """Return the page; `found` holds one hit more than asked for where another page follows."""
    shown = found[: question.limit]
    has_next = len(found) > question.limit
    documents = [restore(each.fields) for each in shown]
    return LeadPage(
        hits=tuple(
            LeadHit(document, find_highlights(document.full_text, question.terms))
            for document in documents
        ),
        total=total,
        next_cursor=question.cursor(shown[-1].position) if has_next else "",
        facets={
            name: dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])))
            for name, counts in facets.items()
        },
    )


def _check(query: LeadQuery) -> None:
    if not 1 <= query.limit <= LIMIT:
        raise InvalidRequestError(f"limit: from 1 to {LIMIT}, not {query.limit}")
    if not 0.0 <= query.min_probability <= 1.0:
        raise InvalidRequestError(f"min_probability: from 0 to 1, not {query.min_probability}")
    for name in query.filters:
        if name not in FACET_FIELDS:
            raise InvalidRequestError(f"there is no filter {name!r}: use {', '.join(FACET_FIELDS)}")
    if sum(map(len, query.filters.values())) > FILTER_VALUES_LIMIT:
        raise InvalidRequestError(f"filter by at most {FILTER_VALUES_LIMIT} values at once")
    _check_time("found_after", query.found_after)
    _check_time("found_before", query.found_before)


def _check_time(name: str, at: datetime | None) -> None:
    if at is not None and at.tzinfo is None:
        raise InvalidRequestError(f"{name}: give the time zone too, e.g. 2026-03-02T10:00:00Z")


def _to_bound(at: datetime | None) -> int | None:
    return None if at is None else to_microseconds(at)


def _fingerprint(query: LeadQuery) -> str:
    """Return what ties a cursor to its question: the next page of another one has no sense."""
    filters = [f"{name}={value}" for name in query.filters for value in query.filters[name]]
    return derive_id(
        query.text, query.lang, *sorted(filters), str(query.found_after), str(query.found_before),
        str(query.min_probability), query.sort, int(query.descending),
    )[:12]  # fmt: skip


def _read_cursor(cursor: str, fingerprint: str, sort: SortField) -> Position:
    try:
        content = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        found, value, lead_id = orjson.loads(content)
    except (binascii.Error, ValueError, TypeError):
        # ValueError is also what the decoders' own errors are.
        raise InvalidRequestError("cursor: not one of ours; start at the first page") from None
    if found != fingerprint:
        raise InvalidRequestError("cursor: it belongs to another search; start at the first page")
    if not isinstance(lead_id, str) or not _can_be(value, sort):
        raise InvalidRequestError("cursor: not one of ours; start at the first page")
    return Position(value, lead_id)


def _can_be(value: object, sort: SortField) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if sort in _TIME_SORTS:
        return isinstance(value, int) and abs(value) < _LARGEST_INTEGER
    return isinstance(value, float) and math.isfinite(value)

"""What the feed's address says (words, filters, order, page), and addresses that change it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from api.pages.words import ANSWERED, REVIEW, STATES_BEHIND, TAKEN, WAITING
from askwatch.search.query import LeadQuery, SortField

# In the address: in the index. The state has a word of its own, since five words hide ten states.
FILTERS = {"topic": "topic_ids", "lang": "lang", "source": "source_id", "region": "region",
           "intent": "intent", "owner": "owner_id"}  # fmt: skip
AGES = {"1h": timedelta(hours=1), "24h": timedelta(hours=24), "7d": timedelta(days=7)}
SORTS = {"new": SortField.FOUND_AT, "best": SortField.RELEVANCE, "sure": SortField.PROBABILITY,
         "value": SortField.VALUE}  # fmt: skip
PAGE_SIZE = 25
# Every value comes from somebody's address bar.
_VALUES_LIMIT, _LENGTH_LIMIT = 20, 200
_TEXT_LIMIT = 300


@dataclass(frozen=True, slots=True)
class FeedAddress:
    """The feed as an address describes it."""

    text: str
    states: tuple[str, ...]
    filters: Mapping[str, tuple[str, ...]]
    age: str
    sort: str
    cursor: str
    at: datetime  # "now" of the first page, so that later pages ask the same question

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text or self.states or self.age or any(self.filters.values()))

    def query(self, *, is_sales: bool) -> LeadQuery:
        """Return the question for the index; nothing chosen means all that is alive."""
        words = self.states or (WAITING, TAKEN, ANSWERED, *((REVIEW,) if is_sales else ()))
        filters = {"state": tuple(state.value for word in words for state in STATES_BEHIND[word])}
        for name, values in self.filters.items():
            if values:
                filters[FILTERS[name]] = values
        return LeadQuery(
            text=self.text,
            filters=filters,
            found_after=self.at - AGES[self.age] if self.age else None,
            sort=SORTS[self.sort],
            limit=PAGE_SIZE,
            cursor=self.cursor,
            with_facets=True,
        )

    def toggled(self, name: str, value: str) -> str:
        """Return the address with one filter value put in, or taken out when it is there."""
        if name == "state":
            return replace(self, states=_toggle(self.states, value), cursor="").address()
        values = _toggle(self.filters.get(name, ()), value)
        return replace(self, filters={**self.filters, name: values}, cursor="").address()

    def aged(self, age: str) -> str:
        return replace(self, age="" if age == self.age else age, cursor="").address()

    def sorted_by(self, sort: str) -> str:
        return replace(self, sort=sort, cursor="").address()

    def without_text(self) -> str:
        return replace(self, text="", cursor="").address()

    def following(self, cursor: str) -> str:
        return replace(self, cursor=cursor).address()

    def fields(self) -> list[tuple[str, str]]:
        """Return all but the words, for hidden fields beside the search box."""
        return [pair for pair in self._pairs() if pair[0] not in {"q", "cursor", "at"}]

    def address(self) -> str:
        pairs = self._pairs()
        return f"/feed?{urlencode(pairs)}" if pairs else "/feed"

    def _pairs(self) -> list[tuple[str, str]]:
        pairs = [("q", self.text)] if self.text else []
        pairs += [("state", state) for state in self.states]
        pairs += [(name, value) for name, values in self.filters.items() for value in values]
        if self.age:
            pairs.append(("age", self.age))
        if self.sort != "new":
            pairs.append(("sort", self.sort))
        if self.cursor:
            pairs += [("cursor", self.cursor), ("at", self.at.isoformat())]
        return pairs


def read_address(given: QueryParams, now: datetime) -> FeedAddress:
    """Return what an address says; what cannot be is left out, an old link never fails."""
    age, sort = given.get("age", ""), given.get("sort", "new")
    cursor = given.get("cursor", "")
    states = [each for each in given.getlist("state") if each in STATES_BEHIND]
    return FeedAddress(
        text=given.get("q", "").strip()[:_TEXT_LIMIT],
        states=tuple(dict.fromkeys(states)),
        filters={name: _values(given.getlist(name)) for name in FILTERS},
        age=age if age in AGES else "",
        sort=sort if sort in SORTS else "new",
        cursor=cursor,
        at=_read_time(given.get("at", ""), now) if cursor else now,
    )


def _values(given: list[str]) -> tuple[str, ...]:
    kept = [each[:_LENGTH_LIMIT] for each in given if each]
    return tuple(dict.fromkeys(kept))[:_VALUES_LIMIT]


def _read_time(given: str, now: datetime) -> datetime:
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        return now
    return at if at.tzinfo is not None else now


def _toggle(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    if value in values:
        return tuple(each for each in values if each != value)
    return (*values, value)

"""Words of a search: the document, the question and the answer."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from askwatch.model.ids import LeadId


@dataclass(frozen=True, slots=True)
class LeadDocument:
    """A lead as the feed shows it; a withdrawn one keeps only id, revision and state."""

    lead_id: LeadId
    revision: int  # version of the document: an older one never replaces a newer one
    state: str
    lane: str = ""
    intent: str = ""
    lang: str = "und"
    topic_ids: tuple[str, ...] = ()
    source_id: str = ""
    place: str = ""  # community or feed
    region: str = ""  # place that the post names
    title: str = ""
    text: str = ""
    author_name: str = ""
    url: str = ""
    owner_id: str = ""
    owner_name: str = ""
    outcome: str = ""
    urgency: str = "normal"
    probability: float = 0.0
    value: float = 0.0
    published_at: datetime | None = None
    found_at: datetime | None = None

    @property
    def full_text(self) -> str:
        """Return what is searched and highlighted: as `askwatch.model.post.Post.full_text`."""
        if not self.title or self.text.startswith(self.title):
            return self.text
        return f"{self.title}\n\n{self.text}" if self.text else self.title


class SortField(StrEnum):
    """What hits are ordered by; ties by lead id, ascending. No time counts as the earliest.

    Relevance without words to be relevant to is the newest first: `FOUND_AT`, descending.
    """

    RELEVANCE = "relevance"
    FOUND_AT = "found_at"
    PUBLISHED_AT = "published_at"
    PROBABILITY = "probability"
    VALUE = "value"


# Fields that can be filtered by exact values and counted as facets.
FACET_FIELDS = (
    "state", "lane", "intent", "lang", "topic_ids", "source_id", "region", "owner_id", "outcome",
    "urgency",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LeadQuery:
    """A question to the feed. Values of one filter are alternatives; filters add up (AND).

    Withdrawn leads are hits only where the filter on `state` asks for them.
    """

    text: str = ""  # words; all must occur (as stems); "quoted words" must be adjacent
    # Keys: FACET_FIELDS. No values for a key filter nothing; "" is a value like others.
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    found_after: datetime | None = None  # inclusive
    found_before: datetime | None = None  # exclusive
    min_probability: float = 0.0
    sort: SortField = SortField.FOUND_AT
    descending: bool = True
    limit: int = 50  # 1 to 200
    cursor: str = ""  # opaque, from the page before
    with_facets: bool = False
    lang: str = ""  # language the words are in; "" tries all


@dataclass(frozen=True, slots=True)
class LeadHit:
    """A found document. `highlights` are (start, end) code points of its `full_text`."""

    document: LeadDocument
    highlights: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class LeadPage:
    """An answer: hits, how many there are in all, the next page's cursor, counts per facet.

    A facet counts over the hits that there would be without the filter on its own field, so that a
    page can show what else could be chosen, with its numbers. Its values come by count, the
    largest first, then by value.
    """

    hits: tuple[LeadHit, ...]
    total: int
    next_cursor: str = ""  # "" on the last page
    facets: dict[str, dict[str, int]] = field(default_factory=dict)

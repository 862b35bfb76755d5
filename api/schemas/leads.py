"""Leads over the wire: the feed, one lead whole, and what may be decided about it."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.schemas.alerts import AlertOut
from askwatch.model.alert import DeclineReason
from askwatch.model.decisions import Disclosure
from askwatch.model.ids import ExpertId
from askwatch.model.lead import Entity, Outcome, Reason, TopicScore
from askwatch.search.query import FACET_FIELDS, LeadHit, LeadPage, LeadQuery, SortField
from askwatch.state.leads import LeadRow

Words = Annotated[str, Field(max_length=500)]
Values = Annotated[tuple[Words, ...], Field(max_length=50)]


class LeadSearch(BaseModel):
    """A question to the feed; values of one filter are alternatives, filters add up."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    q: Words = Field(default="", description='Words in any form; "quoted words" stand together')
    q_lang: str = Field(default="", max_length=8, description="Their language; empty tries all")
    state: Values = ()
    lane: Values = ()
    intent: Values = ()
    lang: Values = ()
    topic_ids: Values = ()
    source_id: Values = ()
    region: Values = ()
    owner_id: Values = ()
    outcome: Values = ()
    urgency: Values = ()
    found_after: AwareDatetime | None = Field(default=None, description="Inclusive")
    found_before: AwareDatetime | None = Field(default=None, description="Exclusive")
    min_probability: float = Field(default=0.0, ge=0, le=1)
    sort: SortField = SortField.FOUND_AT
    order: Annotated[str, Field(pattern="^(asc|desc)$")] = "desc"
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str = Field(default="", max_length=2_000, description="next_cursor of the page before")
    facets: bool = Field(default=False, description="Count the values of every filter")

    def to_query(self) -> LeadQuery:
        filters = {name: getattr(self, name) for name in FACET_FIELDS if getattr(self, name)}
        return LeadQuery(
            text=self.q,
            filters=filters,
            found_after=self.found_after,
            found_before=self.found_before,
            min_probability=self.min_probability,
            sort=self.sort,
            descending=self.order == "desc",
            limit=self.limit,
            cursor=self.cursor,
            with_facets=self.facets,
            lang=self.q_lang,
        )


class LeadOut(BaseModel):
    """A lead as the feed shows it; `highlights` are code points of title, blank line and text."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    lead_id: str
    revision: int
    state: str
    lane: str
    intent: str
    lang: str
    topic_ids: tuple[str, ...]
    source_id: str
    place: str
    region: str
    title: str
    text: str
    author_name: str
    url: str
    owner_id: str
    owner_name: str
    outcome: str
    urgency: str
    probability: float
    value: float
    published_at: datetime | None
    found_at: datetime | None
    highlights: tuple[tuple[int, int], ...] = ()


class LeadPageOut(BaseModel):
    """One page of the feed."""

    model_config = ConfigDict(frozen=True)

    leads: tuple[LeadOut, ...]
    total: int
    next_cursor: str = Field(description="Empty on the last page")
    facets: dict[str, dict[str, int]] = Field(description="Filter, value, how many")


class Told(BaseModel):
    """A colleague who was told of a lead."""

    model_config = ConfigDict(frozen=True)

    expert_id: str
    name: str
    told_at: datetime


class LeadLinkOut(BaseModel):
    """A place that the ask stands in."""

    model_config = ConfigDict(frozen=True)

    source_id: str
    url: str
    published_at: datetime


class LeadDetail(BaseModel):
    """One lead, from the database: what was asked, why it was found, who was told, who has it."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    lead_id: str
    revision: int
    state: str
    lane: str
    intent: str
    probability: float
    b2b_probability: float
    lang: str
    topics: tuple[TopicScore, ...]
    entities: tuple[Entity, ...]
    reasons: tuple[Reason, ...]
    urgency: str
    value: float
    value_terms: dict[str, float] = Field(description="What the value is made of, each in [0, 1]")
    model: str
    source_id: str
    title: str
    text: str
    url: str
    author_name: str
    author_url: str
    place: str
    published_at: datetime
    found_at: datetime
    handed_in_by: str | None
    owner_id: str | None
    claimed_at: datetime | None
    answered_at: datetime | None
    answer_url: str
    disclosed: str
    disclosure_reason: str
    outcome: Outcome | None
    final_reason: str
    expires_at: datetime
    closed_at: datetime | None
    owner_name: str = ""
    told: tuple[Told, ...] = ()
    links: tuple[LeadLinkOut, ...] = ()
    my_alert: AlertOut | None = Field(default=None, description="The caller's own, with why")


class LeadStanding(BaseModel):
    """Where a lead stands after a decision; without its text, which may be erased any time."""

    model_config = ConfigDict(frozen=True)

    lead_id: str
    state: str
    revision: int
    owner_id: str | None
    owner_name: str


class _Decision(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PassOn(_Decision):
    """To whom a question goes."""

    to: ExpertId = Field(min_length=1, max_length=64)


class Decline(_Decision):
    """Why it is not for me."""

    reason: DeclineReason


class Snooze(_Decision):
    """When it shall be shown again."""

    until: AwareDatetime


class Answered(_Decision):
    """Where the answer stands, and whether it says whom its author works for."""

    answer_url: str = Field(default="", max_length=2_000, pattern=r"^(https?://\S+)?$")
    disclosed: Disclosure
    disclosure_reason: str = Field(
        default="", max_length=500, description="Wanted unless disclosed is yes"
    )


class Dismiss(_Decision):
    """Why the post is no lead."""

    reason: str = Field(min_length=1, max_length=500)


class SetOutcome(_Decision):
    """What became of the answer."""

    outcome: Outcome


def read_page(page: LeadPage) -> LeadPageOut:
    """Return what the index found, as it goes over the wire."""
    return LeadPageOut(
        leads=tuple(_read_hit(hit) for hit in page.hits),
        total=page.total,
        next_cursor=page.next_cursor,
        facets=page.facets,
    )


def read_standing(lead: LeadRow, owner_name: str) -> LeadStanding:
    """Return where a lead stands."""
    return LeadStanding(
        lead_id=lead.lead_id,
        state=lead.state,
        revision=lead.revision,
        owner_id=lead.owner_id,
        owner_name=owner_name,
    )


def _read_hit(hit: LeadHit) -> LeadOut:
    shown = LeadOut.model_validate(hit.document)
    return shown.model_copy(update={"highlights": hit.highlights})

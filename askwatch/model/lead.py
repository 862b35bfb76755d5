"""What the language stage understood of a post, and the words of a lead's life."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from askwatch.model.ids import TopicId


class Intent(StrEnum):
    """What the author of a post is doing."""

    VENDOR_REQUEST = "vendor_request"
    CANDIDATE_SEARCH = "candidate_search"
    HELP_QUESTION = "help_question"
    COMPLAINT = "complaint"
    JOB_SEEKING = "job_seeking"
    PROMOTION = "promotion"
    OTHER = "other"


class Lane(StrEnum):
    """Where a post goes: an expert's pocket, the review lane of the feed, or nowhere."""

    ALERT = "alert"
    REVIEW = "review"
    NONE = "none"


class LeadState(StrEnum):
    """Where a lead stands; router's life cycle says what leads from one to the next."""

    REVIEW = "review"
    NEW = "new"
    HELD = "held"
    ALERTING = "alerting"
    POOLED = "pooled"
    CLAIMED = "claimed"
    ANSWERED = "answered"
    CLOSED = "closed"
    EXPIRED = "expired"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


FINAL_LEAD_STATES = frozenset(
    {LeadState.CLOSED, LeadState.EXPIRED, LeadState.DISMISSED, LeadState.WITHDRAWN}
)
# States in which an expert may still claim the lead.
CLAIMABLE_LEAD_STATES = frozenset(
    {LeadState.NEW, LeadState.HELD, LeadState.ALERTING, LeadState.POOLED}
)


class Outcome(StrEnum):
    """What became of an answered lead."""

    WON = "won"
    LOST = "lost"
    NO_REPLY = "no_reply"


class TopicScore(BaseModel):
    """How probable it is that a post is about one of the company's topics."""

    model_config = ConfigDict(frozen=True)

    topic_id: TopicId
    probability: float = Field(ge=0, le=1)


class Entity(BaseModel):
    """A named thing in a post; `start` and `end` are code points of `Post.full_text`."""

    model_config = ConfigDict(frozen=True)

    # product, vendor, role, skill, place, workplace, budget, deadline, start, company_size, urgency
    kind: str
    text: str
    start: int
    end: int
    value: str = ""  # normalised, e.g. "DKK 50000/month"
    relation: str = ""  # of a vendor: incumbent, rejected, compared, or "" when only named


class Reason(BaseModel):
    """A span of the post that spoke for (weight > 0) or against (weight < 0) an ask."""

    model_config = ConfigDict(frozen=True)

    kind: str  # ask, asked, need, topic, business, offer, ...
    text: str
    start: int
    end: int
    weight: float


class Unadapted(BaseModel):
    """What the model itself said, where the company's adaptation has changed it."""

    model_config = ConfigDict(frozen=True)

    version: int  # of the adaptation
    model: str
    lane: Lane
    probability: float = Field(ge=0, le=1)
    probabilities: dict[Intent, float]
    topics: tuple[TopicScore, ...] = ()


class Understanding(BaseModel):
    """Everything the language stage says of one post."""

    model_config = ConfigDict(frozen=True)

    lang: str  # ISO 639-1, "und" when unknown
    intent: Intent
    probability: float = Field(ge=0, le=1)  # calibrated P(vendor_request or candidate_search)
    probabilities: dict[Intent, float]
    b2b_probability: float = Field(ge=0, le=1)
    lane: Lane
    may_alert: bool = True  # False: however sure it seems, somebody is to look at it first
    topics: tuple[TopicScore, ...] = ()  # best first
    entities: tuple[Entity, ...] = ()
    reasons: tuple[Reason, ...] = ()
    urgency: str = "normal"  # normal or high
    value: float = Field(default=0.0, ge=0, le=1)
    value_terms: dict[str, float] = Field(default_factory=dict)  # see askwatch.model.value
    signature: tuple[str, ...] = ()  # near-duplicate bands; posts sharing one may be copies
    vector: tuple[float, ...] = ()
    model: str = ""
    unadapted: Unadapted | None = None

"""Taps, what is learned from them, back-tests and misses over the wire."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from askwatch.model.adaptation import Adaptation
from askwatch.model.backtest import BacktestRequest, BacktestResult
from askwatch.model.feedback import AskedFor, FeedbackKind
from askwatch.model.ids import TopicId
from askwatch.state.feedback import NOTE_LIMIT
from askwatch.state.rejected_posts import Mark, MissRate, RejectedPost

# What a person says outright; the others follow from what they do.
SAID_OUTRIGHT = frozenset(
    {
        FeedbackKind.NOT_A_LEAD,
        FeedbackKind.WRONG_TOPIC,
        FeedbackKind.WRONG_KIND,
        FeedbackKind.MISSED_ENTITY,
    }
)


class GiveFeedback(BaseModel):
    """What is wrong with what was understood of a lead."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: FeedbackKind = Field(description="not_a_lead, wrong_topic, wrong_kind, missed_entity")
    topic_id: TopicId | None = Field(
        default=None, max_length=64, description="Of wrong_topic: the right one; none: none of ours"
    )
    asked_for: AskedFor | None = Field(default=None, description="Of wrong_kind: what it looks for")
    note: str = Field(
        default="", max_length=NOTE_LIMIT, description="Of missed_entity: what was missed"
    )

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if self.kind not in SAID_OUTRIGHT:
            raise ValueError(f"{self.kind} follows from what people do and cannot be said")
        if (self.kind is FeedbackKind.WRONG_KIND) != (self.asked_for is not None):
            raise ValueError("asked_for belongs to wrong_kind, and to it alone")
        if self.topic_id and self.kind is not FeedbackKind.WRONG_TOPIC:
            raise ValueError("topic_id belongs to wrong_topic alone")
        if self.note and self.kind is not FeedbackKind.MISSED_ENTITY:
            raise ValueError("note belongs to missed_entity alone")
        return self


class FeedbackGiven(BaseModel):
    """What the caller has said of a lead up to now."""

    model_config = ConfigDict(frozen=True)

    lead_id: str
    kinds: tuple[str, ...]


class FeedbackCounts(BaseModel):
    """How many taps there are to learn from."""

    model_config = ConfigDict(frozen=True)

    taps: int
    kinds: dict[str, int]


class AdaptationOut(BaseModel):
    """One version of what was learned; the champion is applied."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    version: int
    parent: int | None
    state: str = Field(description="champion, challenger (was not better) or retired")
    figures: dict[str, JsonValue]
    content: Adaptation
    created_by: str
    created_at: datetime


class Adaptations(BaseModel):
    """The newest versions, newest first."""

    model_config = ConfigDict(frozen=True)

    champion: int | None = Field(description="None: the model alone")
    adaptations: tuple[AdaptationOut, ...]


class Applied(BaseModel):
    """What is applied now; 0 is the model alone."""

    model_config = ConfigDict(frozen=True)

    version: int


class BacktestOut(BaseModel):
    """A back-test: ask again until it is done or has failed."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    backtest_id: str
    state: str = Field(description="waiting, running, done or failed")
    request: BacktestRequest
    result: BacktestResult | None
    error: str
    created_by: str
    created_at: datetime
    finished_at: datetime | None


class Backtests(BaseModel):
    """The newest back-tests, newest first."""

    model_config = ConfigDict(frozen=True)

    backtests: tuple[BacktestOut, ...]


class MissRateOut(BaseModel):
    """How many rejected posts ask for something after all, with a 95 % interval (Wilson)."""

    model_config = ConfigDict(frozen=True)

    days: int
    marked: int
    misses: int
    share: float | None = Field(description="None before anything was marked")
    low: float
    high: float


class RejectedOut(BaseModel):
    """A rejected post that waits for a mark."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    sample_id: str
    source_id: str
    title: str
    text: str
    url: str
    lang: str
    place: str
    published_at: datetime
    sampled_at: datetime


class Misses(BaseModel):
    """The miss rate, and rejected posts to look at, oldest first."""

    model_config = ConfigDict(frozen=True)

    rate: MissRateOut
    posts: tuple[RejectedOut, ...]


class SetMark(BaseModel):
    """Whether a rejected post asks for something."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mark: Mark


def read_rate(rate: MissRate, *, days: int) -> MissRateOut:
    """Return the miss rate as it goes over the wire."""
    low, high = rate.interval
    return MissRateOut(
        days=days, marked=rate.marked, misses=rate.misses, share=rate.share, low=low, high=high
    )


def read_rejected(post: RejectedPost) -> RejectedOut:
    """Return a rejected post as it goes over the wire."""
    return RejectedOut.model_validate(post)

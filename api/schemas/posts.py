"""Posts that people hand in, over the wire."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, JsonValue


class HandIn(BaseModel):
    """A post seen elsewhere: a link, its text, or both."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(default="", max_length=4_000)
    title: str = Field(default="", max_length=1_000)
    text: str = Field(default="", max_length=500_000)


class SupplyText(BaseModel):
    """The text of a link that may not be fetched."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(min_length=1, max_length=500_000)


class HandedIn(BaseModel):
    """What happens next: received, fetching or needs_text."""

    model_config = ConfigDict(frozen=True)

    id: str
    state: str


class HandInOut(BaseModel):
    """What came of a post."""

    model_config = ConfigDict(frozen=True)

    id: str
    url: str
    state: str = Field(description="fetching, needs_text, received, found, not_found or withdrawn")
    reason: str = Field(description="Why its text is needed")
    lead_id: str | None
    verdict: dict[str, JsonValue] = Field(description="What was understood: intent, probability")
    created_at: datetime
    updated_at: datetime


class HandInList(BaseModel):
    """What the caller handed in."""

    model_config = ConfigDict(frozen=True)

    posts: tuple[HandInOut, ...] = Field(description="Newest first")

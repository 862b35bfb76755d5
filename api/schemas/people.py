"""Experts over the wire."""

from pydantic import BaseModel, ConfigDict, Field

from askwatch.model.alert import Channel
from askwatch.model.expert import Expert, Role
from askwatch.model.ids import TopicId


class Colleague(BaseModel):
    """What everybody may know of a colleague, to pass a question on."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    expert_id: str
    name: str
    team: str
    title: str
    topics: tuple[TopicId, ...]
    languages: dict[str, float]
    is_active: bool


class Colleagues(BaseModel):
    """All colleagues, by id."""

    model_config = ConfigDict(frozen=True)

    experts: tuple[Colleague, ...]


class Me(BaseModel):
    """Who is calling."""

    model_config = ConfigDict(frozen=True)

    actor: str = Field(description="As the audit names the caller: expert:<id> or key:<id>")
    roles: tuple[Role, ...]
    csrf_token: str = Field(description="For X-CSRF-Token of writes; empty for keys")
    expert: Expert | None = Field(description="None for a key in nobody's name")


class Preferences(BaseModel):
    """What people set about themselves; what is left out stays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    locale: str | None = Field(default=None, pattern="^(en|da)$")
    timezone: str | None = Field(default=None, max_length=64)
    hours: dict[str, tuple[str, ...]] | None = None
    languages: dict[str, float] | None = None
    topics: tuple[TopicId, ...] | None = Field(default=None, max_length=200)
    skills: tuple[str, ...] | None = Field(default=None, max_length=200)
    profile: str | None = Field(default=None, max_length=10_000)
    regions: tuple[str, ...] | None = Field(default=None, max_length=50)
    channels: tuple[Channel, ...] | None = None
    daily_cap: int | None = Field(default=None, ge=0, le=100)
    capacity: int | None = Field(default=None, ge=0, le=100)
    has_consented: bool | None = Field(default=None, description="Whether to be alerted at all")

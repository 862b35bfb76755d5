"""A place that posts come from, with the permission to read it."""

from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from askwatch.model.ids import SourceId


class SourceKind(StrEnum):
    """How a source is read."""

    FEED = "feed"  # RSS, Atom or JSON Feed
    REPLAY = "replay"  # a JSON Lines file
    HAND_IN = "hand_in"  # posts that people bring


class Permission(BaseModel):
    """Why we may read a source; without a current one it does not run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    permission_basis: str = Field(min_length=1)  # own content, licence, contract, public feed, ...
    approved_by: str = Field(min_length=1)
    approved_on: date
    terms_url: str = ""
    terms_checked_on: date | None = None
    valid_until: date | None = None  # None: until it is taken back
    retention_days: int = Field(default=90, ge=1)
    delete_on_source_delete: bool = True
    attribution_required: bool = True
    contact_allowed: bool = True

    def is_current(self, on: date) -> bool:
        return self.approved_on <= on and (self.valid_until is None or on <= self.valid_until)


class Source(BaseModel):
    """One feed, file or intake."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source_id: SourceId = Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")
    kind: SourceKind
    name: str = Field(min_length=1, max_length=120)
    url: str = ""  # of the feed; "" for the other kinds
    options: dict[str, JsonValue] = {}  # per kind, e.g. {"interval_s": 300} or {"path": ...}
    permission: Permission | None = None
    is_paused: bool = False


class SourceStatus(BaseModel):
    """How reading a source goes."""

    model_config = ConfigDict(frozen=True)

    source_id: SourceId
    state: str  # idle, running, paused, no_permission, failing, done
    posts_read: int = 0
    errors: int = 0
    last_error: str = ""
    last_read_at: datetime | None = None
    last_post_at: datetime | None = None

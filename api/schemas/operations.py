"""Dead letters, activity and the audit over the wire."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from askwatch.state.audit import AuditEntry


class DeadLetterOut(BaseModel):
    """A record that was given up: why and where."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    dead_letter_id: str
    consumer_group: str
    stream: str
    partition: int
    offset: int
    key: str
    reason: str
    state: str = Field(description="open, replayed or dropped")
    created_at: datetime
    updated_at: datetime


class DeadLetterDetail(DeadLetterOut):
    """A record that was given up, with its trace and what it says."""

    headers: dict[str, str]
    trace: str
    record: str = Field(description="Its bytes as text; empty once it was dropped")


class DeadLetters(BaseModel):
    """One page of dead letters."""

    model_config = ConfigDict(frozen=True)

    dead_letters: tuple[DeadLetterOut, ...]
    next_cursor: str = Field(description="Empty on the last page")


class TeamOut(BaseModel):
    """How many of a team took a question at least once."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    team: str
    took_part: int
    people: int


class ActivityOut(BaseModel):
    """What happened in a time; teams by name, nobody is ranked."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    found: int
    alerted: int
    claimed: int
    answered: int
    time_to_first_answer_s: float | None = Field(description="Median, found to answered")
    teams: tuple[TeamOut, ...]


class Audit(BaseModel):
    """The newest entries of the audit."""

    model_config = ConfigDict(frozen=True)

    entries: tuple[AuditEntry, ...]

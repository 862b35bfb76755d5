"""A colleague who knows topics, and when and how they may be told."""

import re
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator

from askwatch.model.alert import Channel
from askwatch.model.ids import ExpertId, TopicId

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# 22:00-02:00 goes over midnight; 00:00-24:00 is the whole day.
_INTERVAL = re.compile(r"([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)")
_WORKING_DAYS = ("mon", "tue", "wed", "thu", "fri")
OFFICE_HOURS: dict[str, tuple[str, ...]] = dict.fromkeys(_WORKING_DAYS, ("08:00-17:00",))


class Role(StrEnum):
    """What a person may do; one person can have several."""

    EXPERT = "expert"
    SALES = "sales"
    OPS = "ops"
    ADMIN = "admin"


class Expert(BaseModel):
    """A person of the company; those without topics are never alerted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    expert_id: ExpertId = Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")
    name: str = Field(min_length=1, max_length=120)
    email: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    team: str = ""
    title: str = ""
    roles: tuple[Role, ...] = (Role.EXPERT,)
    locale: Literal["en", "da"] = "en"  # language of pages and alerts
    timezone: str = "Europe/Copenhagen"
    # Working hours per weekday "mon".."sun" as "HH:MM-HH:MM" intervals; outside them it is quiet.
    hours: dict[str, tuple[str, ...]] = OFFICE_HOURS
    is_on_duty: bool = False  # always reachable, whatever the hours say
    languages: dict[str, float] = {"en": 1.0}  # level in [0, 1]
    topics: tuple[TopicId, ...] = ()
    skills: tuple[str, ...] = ()
    profile: str = ""  # what they know, in their own words
    regions: tuple[str, ...] = ()
    level: int = Field(default=3, ge=1, le=5)
    channels: tuple[Channel, ...] = (Channel.INBOX, Channel.EMAIL)
    daily_cap: int = Field(default=8, ge=0)  # alerts per local day and per rolling 24 h
    capacity: int = Field(default=3, ge=0)  # open claims at once
    is_active: bool = True
    has_consented: bool = True
    is_disclosure_trained: bool = True

    @field_validator("timezone")
    @classmethod
    def _check_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            reason = f"{value!r} is no time zone: write it like Europe/Copenhagen"
            raise ValueError(reason) from None
        return value

    @field_validator("hours")
    @classmethod
    def _check_hours(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for day, intervals in value.items():
            if day not in WEEKDAYS:
                raise ValueError(f"{day!r} is no weekday: use {', '.join(WEEKDAYS)}")
            for interval in intervals:
                if not _INTERVAL.fullmatch(interval):
                    raise ValueError(f"{interval!r} is no interval: write it like 08:00-17:00")
        return value

    @field_validator("languages")
    @classmethod
    def _check_languages(cls, value: dict[str, float]) -> dict[str, float]:
        for lang, level in value.items():
            if not 0 <= level <= 1:
                raise ValueError(f"the level of {lang!r} must be between 0 and 1")
        return value

"""What is known of me, and what I can set myself: language, channels, hours."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from babel.dates import get_day_names
from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field

from api.audited import note_change
from api.pages.visit import ChangeVisit, PageVisit, Visit
from api.pages.voice import Voice
from askwatch.model.alert import Channel
from askwatch.model.expert import WEEKDAYS, Expert
from askwatch.state.engine import Transaction
from askwatch.state.experts import find_expert, put_expert
from askwatch.state.topics import list_topics

routes = APIRouter(include_in_schema=False)

_INTERVAL = re.compile(r"([01]\d|2[0-3]):[0-5]\d-(?:([01]\d|2[0-3]):[0-5]\d|24:00)")
_LENGTH = Field(default="", max_length=100)
LANGUAGES = {"en": "English", "da": "Dansk"}


class SettingsForm(BaseModel):
    """What the form sends; a box that is not ticked sends nothing."""

    locale: Literal["en", "da"] = "en"
    email: str = ""
    mon: str = _LENGTH
    tue: str = _LENGTH
    wed: str = _LENGTH
    thu: str = _LENGTH
    fri: str = _LENGTH
    sat: str = _LENGTH
    sun: str = _LENGTH


@routes.get("/me")
def show_me(visit: PageVisit) -> HTMLResponse:
    return _show(visit, visit.person)


@routes.post("/me")
def save_me(visit: ChangeVisit, form: Annotated[SettingsForm, Form()]) -> Response:
    """Keep the settings; the administrator's file wins when it is applied the next time."""
    given = {day: getattr(form, day).strip() for day in WEEKDAYS}
    try:
        hours = {day: read_hours(text) for day, text in given.items() if text}
    except ValueError as error:
        words = visit.voice.say(
            "“%(given)s” is no time of day: write it like 08:00-12:00, 13:00-17:00.",
            given=str(error),
        )
        return _show(visit, visit.person, given=given, problem=words)
    now, expert_id = visit.voice.now, visit.person.expert_id

    def save(transaction: Transaction) -> None:
        known = find_expert(transaction, expert_id)
        # Only the mail can be chosen here; the inbox is this site itself.
        others = [channel for channel in known.channels if channel is not Channel.EMAIL]
        channels = (*others, *([Channel.EMAIL] if form.email else []))
        changes = {"locale": form.locale, "channels": channels, "hours": hours}
        put_expert(transaction, known.model_copy(update=changes), now=now)
        note_change(
            transaction, visit.member, "expert.put", expert_id, now=now, fields=", ".join(changes)
        )

    visit.services.database.write(save)
    return visit.go("/me", "saved")


def read_hours(given: str) -> tuple[str, ...]:
    """Return the intervals of a day, in order; one may go over midnight.

    Raises:
        ValueError: One cannot be; it is the error's text.
    """
    intervals = [part.replace("–", "-").replace(" ", "") for part in given.split(",")]
    for interval in intervals:
        begin, _, end = interval.partition("-")
        if not _INTERVAL.fullmatch(interval) or begin == end:
            raise ValueError(interval)
    return tuple(sorted(intervals))


def _day_names(voice: Voice) -> dict[str, str]:
    named = get_day_names("wide", locale=voice.locale)
    return {day: named[number].capitalize() for number, day in enumerate(WEEKDAYS)}


def _show(
    visit: Visit,
    expert: Expert,
    *,
    given: Mapping[str, str] | None = None,
    problem: str = "",
) -> HTMLResponse:
    hours = {day: ", ".join(expert.hours.get(day, ())) for day in WEEKDAYS}
    topics = visit.read(list_topics)
    names = {topic.topic_id: topic.name_in(visit.voice.locale) for topic in topics}
    return visit.page(
        "me.html",
        status=422 if problem else 200,
        expert=expert,
        topics=[names.get(each, each) for each in expert.topics],
        hours={**hours, **(given or {})},
        days=_day_names(visit.voice),
        languages=LANGUAGES,
        has_email=Channel.EMAIL in expert.channels,
        problem=problem,
    )

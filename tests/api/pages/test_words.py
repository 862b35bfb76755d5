"""What states and ends are called."""

from datetime import timedelta

import pytest

from api.pages.words import (
    STATES_BEHIND,
    answered_sentence,
    intent_word,
    outcome_word,
    sign_of,
    source_word,
    taken_sentence,
    told_word,
)
from askwatch.model.alert import AlertState
from askwatch.model.lead import Intent, LeadState, Outcome
from tests.api.pages.test_voice import NOW, make_voice


@pytest.mark.parametrize(
    ("ago", "english", "danish"),
    [
        (timedelta(0), "Taken by Bo just now", "Taget af Bo lige nu"),
        (timedelta(minutes=4), "Taken by Bo, 4 min ago", "Taget af Bo for 4 min siden"),
        (timedelta(days=40), "Taken by Bo on 21 Jan 2026", "Taget af Bo den 21. jan. 2026"),
    ],
)
def test_who_has_it_is_said_with_when(ago: timedelta, english: str, danish: str) -> None:
    assert taken_sentence(make_voice(), "Bo", NOW - ago) == english
    said = taken_sentence(make_voice("da"), "Bo", NOW - ago)
    assert said.replace("21 jan.", "21. jan.") == danish


@pytest.mark.parametrize(
    ("name", "ago", "said"),
    [
        ("", timedelta(0), "Answered by you just now"),
        ("Bo", timedelta(hours=3), "Answered by Bo, 3 h ago"),
        ("Bo", timedelta(days=40), "Answered by Bo on 21 Jan 2026"),
    ],
)
def test_who_has_answered_is_said_with_when(name: str, ago: timedelta, said: str) -> None:
    assert answered_sentence(make_voice(), name, NOW - ago) == said


@pytest.mark.parametrize("state", list(LeadState))
def test_every_state_has_a_word_and_an_icon(state: LeadState) -> None:
    sign = sign_of(make_voice(), state)
    assert sign.word
    assert sign.icon
    is_hidden = state is LeadState.WITHDRAWN
    assert is_hidden == all(state not in states for states in STATES_BEHIND.values())


def test_every_other_word_is_there() -> None:
    voice = make_voice()
    assert all(told_word(voice, state) for state in AlertState)
    assert all(outcome_word(voice, outcome) for outcome in Outcome)
    assert all(intent_word(voice, intent) for intent in Intent)
    assert intent_word(voice, "of a later version") == "of a later version"
    assert source_word(voice, "of a later version").word == "of a later version"


def test_why_somebody_said_no_is_nobody_elses() -> None:
    assert told_word(make_voice(), AlertState.DECLINED) == "passed"

"""What people read."""

import pytest
from pydantic import JsonValue

from router.words import describe_because, describe_told, format_age


@pytest.mark.parametrize(
    ("age_s", "english", "danish"),
    [
        (5, "1 min", "1 min."),
        (250, "4 min", "4 min."),
        (7300, "2 h", "2 t."),
        (90_000, "1 day", "1 dag"),
        (200_000, "2 days", "2 dage"),
    ],
)
def test_ages_are_told_as_people_say_them(age_s: float, english: str, danish: str) -> None:
    assert format_age(age_s, "en") == english
    assert format_age(age_s, "da") == danish


def test_reasons_become_a_sentence_in_both_languages() -> None:
    because: list[dict[str, JsonValue]] = [
        {"kind": "answers", "values": ["1", "identity"]},
        {"kind": "topic", "values": ["identity", "cloud"]},
        {"kind": "language", "values": ["da", "xx"]},
        {"kind": "duty", "values": []},
    ]
    names = {"identity": "Identitet", "cloud": "Sky"}
    assert describe_because(because, "en") == (
        "one answer like it, knows identity and cloud, speaks Danish and xx"
    )
    assert describe_because(because[1:], "da", topic_names=names, limit=9) == (
        "kender Identitet og Sky, taler dansk og xx, har vagten"
    )


def test_what_is_not_known_is_left_out() -> None:
    unknown: list[dict[str, JsonValue]] = [{"kind": "moon_phase", "values": ["full"]}, {}]
    assert describe_because(unknown, "en") == ""
    passed_on: list[dict[str, JsonValue]] = [{"kind": "passed_on", "values": ["Bo"]}]
    assert describe_because(passed_on, "fr") == "Bo passed it on to you"


@pytest.mark.parametrize(("count", "words"), [(0, "Nobody"), (1, "One"), (4, "4 colleagues")])
def test_others_are_counted_and_not_named(count: int, words: str) -> None:
    assert describe_told(count, "en").startswith(words)

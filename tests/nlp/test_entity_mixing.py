"""Rules and tagger together: who is believed for which kind."""

import pytest

from nlp.entities.mixing import mix
from nlp.entities.passage import Found


def found(kind: str, start: int, end: int, value: str = "x") -> Found:
    return Found(start, end, kind, value)


def test_a_guess_of_the_rules_needs_a_tagger_that_thinks_it_possible() -> None:
    ruled = [found("product", 0, 5)]
    assert mix(ruled, [], []) == []
    assert mix(ruled, [], [found("product", 3, 8)]) == ruled
    assert mix(ruled, [], [found("role", 3, 8)]) == []


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("vendor", ["tagged"]),
        ("place", ["ruled", "apart"]),
        ("start", ["tagged", "apart"]),
        ("budget", ["ruled"]),
        ("urgency", ["ruled"]),
    ],
)
def test_each_kind_is_believed_as_was_found_best(kind: str, expected: list[str]) -> None:
    ruled = [found(kind, 0, 5, "ruled")]
    tagged = [found(kind, 3, 8, "tagged")]
    apart = [found(kind, 20, 25, "apart")]
    if kind == "place":
        tagged = [*tagged, *apart]
    elif kind == "start":
        ruled = [*ruled, *apart]
    assert [each.value for each in mix(ruled, tagged, tagged)] == expected

"""Why this colleague, in words."""

import pytest
from pydantic import JsonValue

from api.pages.because import tell_because
from tests.api.pages.test_voice import make_voice

TOPICS = {"identity": "Identity"}


@pytest.mark.parametrize(
    ("because", "said"),
    [
        ([{"kind": "answers", "values": ["3", "identity"]}], "3 answers on Identity"),
        ([{"kind": "answers", "values": ["1"]}], "1 answer"),
        ([{"kind": "answers", "values": ["many", "identity"]}], "1 answer on Identity"),
        ([{"kind": "skill", "values": ["Keycloak", "OIDC"]}], "knows Keycloak and OIDC"),
        ([{"kind": "topic", "values": ["identity"]}], "knows Identity"),
        ([{"kind": "language", "values": ["da"]}, {"kind": "free"}], "speaks Danish, free now"),
        ([{"kind": "region", "values": ["Aarhus"]}], "at home in Aarhus"),
        ([{"kind": "profile", "values": ["login"]}], "profile mentions login"),
        ([{"kind": "of-a-later-version", "values": ["x"]}], ""),
        ([{"kind": "duty", "values": []}], "on duty"),
        ([{"kind": "passed_on", "values": ["Bo"]}], "Bo passed it on to you"),
        ([{"kind": "skill", "values": []}, {"kind": "skill", "values": "odd"}], ""),
        ([], ""),
    ],
)
def test_a_reason_is_told_in_words(because: list[dict[str, JsonValue]], said: str) -> None:
    assert tell_because(make_voice(), because, TOPICS) == said


def test_only_the_strongest_reasons_are_told() -> None:
    many: list[dict[str, JsonValue]] = [{"kind": "skill", "values": [str(n)]} for n in range(9)]
    assert tell_because(make_voice(), many, TOPICS) == "knows 0, knows 1, knows 2, knows 3"


def test_danish_is_spoken_too() -> None:
    because: list[dict[str, JsonValue]] = [{"kind": "language", "values": ["da"]}]
    assert tell_because(make_voice("da"), because, TOPICS) == "taler dansk"

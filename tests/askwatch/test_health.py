"""Whether each back end answers."""

from dataclasses import dataclass
from typing import Any, cast

import pytest

from askwatch.errors import AskwatchError, BackendUnavailableError
from askwatch.health import check_health


@dataclass
class BackEnd:
    """Answers, or not."""

    error: AskwatchError | None = None

    def check(self) -> None:
        if self.error is not None:
            raise self.error


AWAY = BackendUnavailableError("it", "refused")


@pytest.mark.parametrize(
    ("away", "state"),
    [
        (set(), "ok"), ({"index"}, "degraded"), ({"database"}, "down"), ({"bus"}, "down"),
        ({"index", "bus"}, "down"),
    ],
)  # fmt: skip
def test_the_service_is_as_well_as_what_it_needs(away: set[str], state: str) -> None:
    parts = {
        name: cast("Any", BackEnd(AWAY if name in away else None))
        for name in ("database", "bus", "index")
    }
    health = check_health(**parts)
    assert health.state == state
    assert {each.name for each in health.dependencies if not each.is_ok} == away
    for each in health.dependencies:
        assert each.reason == ("" if each.is_ok else "it does not answer: refused")

"""A source without a current permission does not run, and its row says what to do."""

from datetime import date

import pytest

from askwatch.model.source import Permission
from collectors.permission import find_objection
from tests.collectors.builders import PERMISSION, make_source

TODAY = date(2026, 3, 2)


def test_a_source_with_a_current_permission_may_run() -> None:
    assert find_objection(make_source(), TODAY) is None
    last_day = PERMISSION.model_copy(update={"valid_until": TODAY})
    assert find_objection(make_source(permission=last_day), TODAY) is None


@pytest.mark.parametrize(
    ("permission", "said"),
    [
        (None, "give it permission_basis"),
        (PERMISSION.model_copy(update={"approved_on": date(2026, 3, 3)}), "begins on 2026-03-03"),
        (PERMISSION.model_copy(update={"valid_until": date(2026, 3, 1)}), "ended on 2026-03-01"),
    ],
)
def test_a_permission_that_does_not_hold_is_told(permission: Permission | None, said: str) -> None:
    objection = find_objection(make_source(permission=permission), TODAY)
    assert objection is not None
    assert objection[0] == "no_permission"
    assert said in objection[1]


def test_a_paused_source_does_not_run_whatever_its_permission() -> None:
    assert find_objection(make_source(is_paused=True, permission=None), TODAY) == ("paused", "")

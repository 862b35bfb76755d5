"""The numbers a company may set."""

import pytest

from askwatch.errors import ConfigurationError
from askwatch.model.lead import LeadState
from router.policy import Policy, parse_policy
from tests.router.worlds import World


def test_a_wrong_field_is_named() -> None:
    with pytest.raises(ConfigurationError, match="policy routing: set_siez: Extra inputs"):
        parse_policy({"set_siez": 3})
    with pytest.raises(ConfigurationError, match="target_normal"):
        parse_policy({"target_normal": 2})


def test_an_empty_policy_is_the_default() -> None:
    assert parse_policy({}) == Policy()
    assert (Policy().timeout_s("high"), Policy().timeout_s("normal")) == (300, 900)
    assert (Policy().target("high"), Policy().target("normal")) == (0.8, 0.5)


def test_a_stored_policy_that_cannot_be_read_stops_no_lead(
    small_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    small_world.set_policy(nonsense=1)
    lead = small_world.find()
    assert lead.state is LeadState.ALERTING
    assert "policy not readable" in caplog.text
    (alert,) = small_world.alerts(lead.lead_id).values()
    assert alert.policy_version == 1

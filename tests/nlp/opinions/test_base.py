"""Opinions from probabilities."""

import numpy as np
import pytest

from askwatch.model.lead import Intent
from nlp.model import INTENTS
from nlp.opinions.base import SUREST, log_odds, make_name, make_opinion


def shares_of(shares: dict[Intent, float]) -> dict[Intent, float]:
    values = np.exp(make_opinion(shares, None).intents).tolist()
    return dict(zip(INTENTS, values, strict=True))


def test_what_the_named_intents_leave_is_spread_over_the_others() -> None:
    found = shares_of({Intent.VENDOR_REQUEST: 0.4})
    assert found[Intent.VENDOR_REQUEST] == pytest.approx(0.4)
    assert found[Intent.OTHER] == pytest.approx(0.1)
    assert sum(found.values()) == pytest.approx(1.0)


def test_more_than_one_is_scaled_down() -> None:
    found = shares_of(dict.fromkeys(INTENTS, 0.5))
    assert found[Intent.OTHER] == pytest.approx(1 / 7)


def test_nothing_at_all_says_nothing() -> None:
    found = shares_of(dict.fromkeys(INTENTS, 0.0))
    assert max(found.values()) == pytest.approx(min(found.values()))


def test_nobody_is_believed_to_be_quite_sure() -> None:
    found = shares_of({Intent.PROMOTION: 1.0})
    assert found[Intent.PROMOTION] <= SUREST + 1e-6
    assert min(found.values()) > 0.003
    assert log_odds(1.0) == log_odds(SUREST) == -log_odds(0.0)


def test_a_name_fits_beside_the_models() -> None:
    assert make_name("openai", "x" * 90) == "openai:" + "x" * 25

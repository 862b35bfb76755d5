"""How the fast part and the encoder come to one judgement."""

import numpy as np
import pytest

from askwatch.model.lead import Intent
from nlp.intent import move_to, softmax
from nlp.judge import blend
from nlp.model import ASKS, INTENTS

FAST = np.array([2.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0], dtype=np.float32)
ENCODER = np.array([-1.0, 0.0, 3.0, 0.0, 0.0, 0.0, 0.0], dtype=np.float32)


def test_a_share_of_one_is_the_encoder_alone_and_of_none_the_fast_part() -> None:
    np.testing.assert_allclose(softmax(blend(FAST, ENCODER, 1.0)), softmax(ENCODER), atol=1e-6)
    np.testing.assert_allclose(softmax(blend(FAST, ENCODER, 0.0)), softmax(FAST), atol=1e-6)


def test_a_blend_lies_between_both() -> None:
    place = INTENTS.index(Intent.VENDOR_REQUEST)
    shares = [softmax(blend(FAST, ENCODER, share))[place] for share in (0.0, 0.3, 0.6, 1.0)]
    assert shares == sorted(shares, reverse=True)


def test_probabilities_that_are_moved_still_sum_to_one() -> None:
    before = dict(zip(INTENTS, softmax(FAST).tolist(), strict=True))
    for ask in (0.0, 0.2, 0.9, 1.0):
        after = move_to(ask, before)
        assert sum(after.values()) == pytest.approx(1.0)
        assert sum(after[each] for each in ASKS) == pytest.approx(ask)


def test_moving_keeps_the_order_of_the_rest() -> None:
    before = dict(zip(INTENTS, softmax(FAST).tolist(), strict=True))
    rest = [intent for intent in INTENTS if intent not in ASKS]
    after = move_to(0.1, before)
    assert sorted(rest, key=before.__getitem__) == sorted(rest, key=after.__getitem__)

"""How the fast part and the encoder come to one judgement."""

import numpy as np
import pytest

from askwatch.model.lead import Intent
from nlp.encoder import Glance, Opinion
from nlp.intent import move_to, softmax
from nlp.judge import Judge, blend
from nlp.model import ASKS, INTENTS, packaged_model_dir
from nlp.normalise import normalise
from nlp.pipeline import load_parts

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


class CountedEncoder:
    """Glances at every text with the same log-odds, and counts how often it reads on."""

    def __init__(self, log_odds: float) -> None:
        self.log_odds, self.read = log_odds, 0

    def glance(self, _text: str, _asking: str) -> Glance:
        return Glance(self.log_odds, np.zeros((1, 2, 3), dtype=np.float32))

    def read_on(self, _glance: Glance) -> Opinion:
        self.read += 1
        return Opinion(ENCODER, 0.0, np.zeros(26, dtype=np.float32), np.ones(4, dtype=np.float32))


@pytest.mark.parametrize(("log_odds", "times"), [(-20.0, 0), (20.0, 1)])
def test_a_glance_settles_what_is_no_ask(log_odds: float, times: int) -> None:
    parts = load_parts(str(packaged_model_dir()))
    encoder = CountedEncoder(log_odds)
    judge = Judge(parts.model, encoder)  # type: ignore[arg-type]  # as much of one as is asked
    analysis = parts.screener.analyse(normalise("Can anyone recommend a good bookkeeper?"))
    screening = parts.screener.screen(analysis)
    assert judge.is_open(screening)
    judgement = judge.judge(analysis, screening, "en")
    assert (encoder.read, judgement.opinion is None) == (times, times == 0)
    if not times:
        assert judgement.ask < min(mix.review for mix in parts.model.manifest.mixes.values())
        assert judgement.intent not in ASKS
        assert not judgement.may_be_lead

"""The linear heads: disputed posts weigh less in what tells the intents apart."""

import numpy as np
from scipy.sparse import csr_matrix

from askwatch.model.lead import Intent
from nlp.intent import softmax
from nlp.model import INTENTS
from nlp.training.configuration import HeadSection
from nlp.training.heads import Labels, fit_heads

VENDOR, OTHER = INTENTS.index(Intent.VENDOR_REQUEST), INTENTS.index(Intent.OTHER)
ROUNDS = 10


def share_of_vendor(hard_weight: float) -> float:
    """Return P(vendor request) of what one reader calls so and a disputed label contradicts."""
    matrix = csr_matrix(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]] * ROUNDS))
    labels = Labels(
        intents=np.array([VENDOR, OTHER, OTHER] * ROUNDS),
        b2b=np.array([1, 0, 0] * ROUNDS),
        topics=np.full(3 * ROUNDS, -1),
        topic_names=("crm_sales",),
        is_hard=np.array([False, True, False] * ROUNDS),
    )
    settings = HeadSection(intent_c=10.0, hard_weight=hard_weight, b2b_c=1.0, topic_c=1.0)
    heads = fit_heads(matrix, labels, np.ones(3 * ROUNDS), settings, hashed=2, seed=1)
    scores = heads.apply(csr_matrix([[1.0, 0.0]]))[0, : len(INTENTS)]
    return float(softmax(scores.astype(np.float32))[VENDOR])


def test_a_disputed_label_weighs_as_much_as_it_is_told_to() -> None:
    assert abs(share_of_vendor(1.0) - 0.5) < 0.1
    assert share_of_vendor(0.1) > 0.8

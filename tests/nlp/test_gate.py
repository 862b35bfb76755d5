"""The gate: hashed runs of letters, the same alone and in a batch."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlp.gate import RUNS, STEP, TABLE_BITS, Gate, read_runs


def weigh(*texts: str, weight: int = 100) -> Gate:
    """Return a gate that weighs the runs of some texts and no others."""
    weights = np.zeros(1 << TABLE_BITS, dtype=np.int16)
    runs = read_runs(texts)
    for hashes in runs.hashes:
        for start, end in zip(runs.starts, runs.ends, strict=True):
            weights[hashes[start : end - max(RUNS)]] = weight
    return Gate(weights, bias=-1.0, threshold=0.0)


GATE = weigh("can anyone recommend a good bookkeeper in town")


def test_a_post_with_weighty_runs_passes_and_another_does_not() -> None:
    assert GATE.open(["does anyone recommend a good bookkeeper", "zzz qqq xxx"]) == [True, False]


def test_nothing_comes_of_nothing() -> None:
    assert GATE.open([]) == []


def test_an_empty_text_has_a_score() -> None:
    assert GATE.score([""]).shape == (1,)


def test_white_space_makes_no_difference() -> None:
    first, second = GATE.score(["anyone recommend\n\n a good", "anyone recommend a good"])
    assert first == second


def test_a_score_is_the_sum_of_its_runs_over_the_root_of_its_length() -> None:
    text = "can anyone recommend"
    runs = read_runs([text])
    total = sum(int(GATE.weights[hashes[: runs.ends[0]]].sum()) for hashes in runs.hashes)
    assert GATE.score([text])[0] == total * STEP / np.sqrt(runs.lengths[0]) - 1.0


def test_the_end_of_a_very_long_text_is_read() -> None:
    gate = weigh("kender nogen en god revisor i odense")
    filler = "q" * 15_000
    assert (
        gate.score([f"{filler} kender nogen en god revisor i odense"])[0] > gate.score([filler])[0]
    )


@given(st.lists(st.text(max_size=60), min_size=1, max_size=8))
def test_a_post_scores_the_same_alone_and_in_any_batch(texts: list[str]) -> None:
    together = GATE.score(texts)
    assert together.tolist() == [GATE.score([text])[0] for text in texts]
    assert GATE.score(texts[::-1]).tolist() == together.tolist()[::-1]

"""Copies and their look-alikes: keys and comparison together, on a set of our own.

The set holds asks of the corpus after the edits that people and platforms make, and pairs that are
not the same: one letter sent by two firms for another trade or town, adverts from one template.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from nlp.normalise import normalise
from nlp.signature import Signer
from router.copies import is_copy

LEAST_PRECISION, LEAST_RECALL = 0.98, 0.90
_PATH = Path(__file__).parent / "near_duplicates.jsonl"


@pytest.fixture(scope="module")
def pairs() -> list[dict[str, Any]]:
    return [json.loads(line) for line in _PATH.read_text(encoding="utf-8").splitlines()]


def test_copies_are_merged_and_look_alikes_are_not(pairs: list[dict[str, Any]]) -> None:
    signer = Signer()
    merged = [each for each in pairs if _is_merged(signer, each)]
    right = sum(each["is_copy"] for each in merged)
    assert right >= LEAST_PRECISION * len(merged)
    assert right >= LEAST_RECALL * sum(each["is_copy"] for each in pairs)


def test_the_set_is_large_enough_to_tell(pairs: list[dict[str, Any]]) -> None:
    copies = sum(each["is_copy"] for each in pairs)
    assert copies >= 250
    assert len(pairs) - copies >= 500
    assert len({each["id"] for each in pairs}) == len(pairs)


def _is_merged(signer: Signer, pair: dict[str, Any]) -> bool:
    first, second = pair["first"], pair["second"]
    keys = set(signer.sign(normalise(first).text))
    return not keys.isdisjoint(signer.sign(normalise(second).text)) and is_copy(
        first, second, is_same_author=pair["is_same_author"]
    )

"""Groups posts that are copies of each other, so that none is trained on and tested on at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlp.normalise import normalise
from nlp.signature import Signer


def group_copies(texts: Sequence[str]) -> NDArray[np.int64]:
    """Return a group number for each text; texts that share a near-duplicate band share it."""
    signer = Signer()
    parents = list(range(len(texts)))

    def find(place: int) -> int:
        while parents[place] != place:
            parents[place] = parents[parents[place]]
            place = parents[place]
        return place

    first_with: dict[str, int] = {}
    for place, text in enumerate(texts):
        for key in signer.sign(normalise(text).lower):
            other = first_with.setdefault(key, place)
            parents[find(place)] = find(other)
    return np.array([find(place) for place in range(len(texts))])

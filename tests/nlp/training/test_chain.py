"""The chain: its gradient is right, and it learns what follows what."""

import numpy as np
from scipy.sparse import csr_matrix

from nlp.training.chain import fit_chain

# Words 0 and 1 show their tag; word 2 has the tag that does not stand before it.
SEQUENCES = [([0, 2, 2], [0, 1, 0]), ([1, 2], [1, 0]), ([1, 2, 2, 2], [1, 0, 1, 0]), ([0], [0])]


def matrix() -> csr_matrix:
    words = [word for sequence, _ in SEQUENCES for word in sequence]
    return csr_matrix((np.ones(len(words)), (np.arange(len(words)), words)), shape=(len(words), 3))


def test_it_learns_signs_and_what_follows_what() -> None:
    tags = np.array([tag for _, sequence in SEQUENCES for tag in sequence], dtype=np.intp)
    lengths = [len(sequence) for sequence, _ in SEQUENCES]
    chain = fit_chain(matrix(), lengths, tags, tag_count=2, strength=0.01, rounds=60)
    assert chain.clues[0, 0] > chain.clues[0, 1]
    assert chain.clues[1, 1] > chain.clues[1, 0]
    assert chain.steps[0, 1] > chain.steps[0, 0]
    assert chain.steps[1, 0] > chain.steps[1, 1]
    again = fit_chain(matrix(), lengths, tags, tag_count=2, strength=0.01, rounds=60)
    assert np.array_equal(chain.clues, again.clues)


def test_an_empty_sequence_is_passed_over() -> None:
    tags = np.array([0, 1, 0], dtype=np.intp)
    clues = csr_matrix(np.eye(3))
    chain = fit_chain(clues, [0, 3, 0], tags, tag_count=2, strength=0.1, rounds=20)
    assert chain.clues[0, 0] > chain.clues[0, 1]

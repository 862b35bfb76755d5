"""Compares posts with topics by meaning: the encoder's vectors, the same in every language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from askwatch.model.topic import Topic

# The encoder is trained to tell topics apart by cosine divided by this (training/encoder.toml).
TEMPERATURE = 0.0625
_PHRASES_A_TEXT = 12
_F32 = NDArray[np.float32]


class TextEncoder(Protocol):
    """What gives texts a vector."""

    def embed(self, text: str) -> _F32:
        """Return the vector of a text, of length 1; like meanings lie near each other."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the encoder made of a post."""

    shares: Mapping[str, float]  # of the built-in topics; they sum to 1
    vector: _F32
    encoder: TextEncoder


def embed_topics(topics: Sequence[Topic], encoder: TextEncoder, *, lines_only: bool) -> _F32:
    """Return (topics, size) vectors of length 1: the mean of what is written of each.

    With `lines_only` names and descriptions alone are read, which is enough for a pack.
    """
    rows = []
    for topic in topics:
        texts = _describe(topic)
        if not lines_only:
            phrases = topic.phrases
            texts += [
                ", ".join(phrases[at : at + _PHRASES_A_TEXT])
                for at in range(0, len(phrases), _PHRASES_A_TEXT)
            ]
            texts += topic.examples
        mean = np.mean([encoder.embed(text) for text in texts], axis=0)
        rows.append(mean / max(float(np.linalg.norm(mean)), 1e-9))
    return np.array(rows, dtype=np.float32)


def _describe(topic: Topic) -> list[str]:
    """Return a line of each language: the name, and the description where there is one."""
    lines = [f"{topic.name}: {topic.description}" if topic.description else topic.name]
    for lang in sorted({*topic.names, *topic.descriptions}):
        name = topic.name_in(lang)
        text = topic.descriptions.get(lang)
        lines.append(f"{name}: {text}" if text else name)
    return lines

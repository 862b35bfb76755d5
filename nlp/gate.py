"""The first step: drops posts that cannot be an ask, without knowing their language."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import sqrt

from askwatch.errors import ConfigurationError
from nlp.resources import resource_path

_WORD = re.compile(r"[^\W_]+|\?")
# Beyond this the score of a text hardly moves any more.
_CHARACTERS = 4_000
BEGINNING = 5


@dataclass(frozen=True, slots=True)
class Cues:
    """Words and beginnings of words that hardly any ask is without (resources/gate.toml)."""

    words: frozenset[str]
    beginnings: frozenset[str]

    def count(self, words: set[str]) -> int:
        """Return how many of them a text has."""
        begun = {word[:BEGINNING] for word in words if len(word) >= BEGINNING}
        return len(self.words & words) + len(self.beginnings & begun)


@dataclass(frozen=True, slots=True)
class Gate:
    """A linear model over the set of words and over cues; its threshold keeps nearly every ask."""

    weights: Mapping[str, float]
    bias: float
    cue_weight: float  # one cue is there
    cues_weight: float  # more than one
    threshold: float
    cues: Cues

    def score(self, lightened: str) -> float:
        """Return the log-odds of an ask as far as single words tell."""
        words = gate_words(lightened)
        weights = self.weights
        total = sum([weights[word] for word in words if word in weights]) / sqrt(len(words) + 1)
        found = self.cues.count(words)
        if found:
            total += self.cue_weight if found == 1 else self.cue_weight + self.cues_weight
        return total + self.bias

    def opens(self, lightened: str) -> bool:
        """Tell whether the post has to be looked at."""
        return self.score(lightened) >= self.threshold


def gate_words(lightened: str) -> set[str]:
    """Return what the gate sees of a lightened text."""
    return set(_WORD.findall(lightened, 0, _CHARACTERS))


@cache
def read_cues() -> Cues:
    """Return the cues that ship with the package.

    Raises:
        ConfigurationError: The file is missing or damaged.
    """
    path = resource_path("gate.toml")
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        return Cues(
            frozenset(tables["words"]), frozenset(each[:BEGINNING] for each in tables["beginnings"])
        )
    except (OSError, ValueError, KeyError) as error:
        raise ConfigurationError(f"{path}: not a file of cues: {error}") from error

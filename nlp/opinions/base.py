"""What a second reader is: something that reads one text and says what its author is doing."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from askwatch.errors import AskwatchError
from askwatch.model.lead import Intent
from nlp.model import INTENTS

# No reader is believed to be surer than this: one reader's mistake must not outweigh the other.
SUREST = 0.98
_FLOOR = (1 - SUREST) / (len(INTENTS) - 1)
# A lead's record keeps 64 characters for the names of both readers.
_NAME_LIMIT = 32


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """What a second reader says of one text."""

    intents: NDArray[np.float32]  # log-probabilities, in the order of INTENTS
    b2b: float | None  # probability; None: the reader does not say


class NoOpinionError(AskwatchError):
    """A reader has no opinion on a text; the packaged one stands."""

    def __init__(
        self, reason: str, *, is_fault: bool = False, wait_s: float = 0.0, status: int = 0
    ) -> None:
        """`is_fault`: the reader fails, whatever the text; it wants `wait_s` seconds of rest."""
        self.reason, self.is_fault, self.wait_s, self.status = reason, is_fault, wait_s, status
        super().__init__(f"no second opinion: {reason}")


class Reader(Protocol):
    """Reads texts. What it says of one must depend on that text alone."""

    @property
    def kind(self) -> str:
        """Return the kind of reader, for metrics and logs."""
        ...

    @property
    def name(self) -> str:
        """Return the name that a lead's `model` shows, at most 32 characters."""
        ...

    @property
    def texts_at_once(self) -> int:
        """Return how many threads may call `read` at the same time."""
        ...

    def read(self, text: str) -> SecondOpinion:
        """Return the opinion on a normalised text.

        Raises:
            NoOpinionError: There is none; its reason is a short constant.
        """
        ...

    def close(self) -> None:
        """Let go of what is held open."""
        ...


def make_opinion(shares: Mapping[Intent, float], b2b: float | None) -> SecondOpinion:
    """Return the opinion with these probabilities of intents.

    What the named intents leave of 1 is spread over those that are not named; more than 1 is
    scaled down.
    """
    total = sum(shares.values())
    unnamed = len(INTENTS) - len(shares)
    rest = max(0.0, 1 - total) / unnamed if unnamed else 0.0
    scale = max(total + rest * unnamed, 1e-9)
    values = np.array([shares.get(intent, rest) / scale for intent in INTENTS])
    clipped = np.clip(values, _FLOOR, SUREST)
    return SecondOpinion(np.log(clipped / clipped.sum()).astype(np.float32), b2b)


def log_odds(probability: float) -> float:
    """Return the log-odds of a probability, which is taken to be no surer than SUREST."""
    inside = min(SUREST, max(1 - SUREST, probability))
    return log(inside / (1 - inside))


def make_name(kind: str, name: str) -> str:
    """Return a reader's name, cut to what a lead's record has room for."""
    return f"{kind}:{name}"[:_NAME_LIMIT]

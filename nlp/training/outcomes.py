"""Labels and answers of many posts side by side, as columns that figures are counted from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from askwatch.model.lead import Intent, Lane, Understanding
from nlp.model import ASKS, INTENTS
from nlp.training.bootstrap import Array
from nlp.training.labelled_file import MeasuredPost

ASK_PLACES = [INTENTS.index(intent) for intent in ASKS]
_PLACES = {intent: place for place, intent in enumerate(INTENTS)}
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Outcomes:
    """Columns over labelled posts; intents are places in `INTENTS`."""

    posts: Sequence[MeasuredPost]
    answers: Sequence[Understanding]
    truth: NDArray[np.intp]
    said: NDArray[np.intp]
    probabilities: Array  # posts x intents
    ask_probability: Array
    is_alert: Flags
    is_found: Flags  # in lane alert or review

    def __len__(self) -> int:
        return len(self.posts)

    @property
    def is_ask(self) -> Flags:
        return np.isin(self.truth, ASK_PLACES)

    @property
    def is_business(self) -> Flags:
        return np.array([post.b2b for post in self.posts], dtype=np.bool_)

    @property
    def is_hard(self) -> Flags:
        return np.array([post.is_hard for post in self.posts], dtype=np.bool_)

    def where(self, chosen: Flags) -> "Outcomes":
        """Return the posts chosen alone."""
        places = np.flatnonzero(chosen)
        return Outcomes(
            [self.posts[place] for place in places.tolist()],
            [self.answers[place] for place in places.tolist()],
            self.truth[places],
            self.said[places],
            self.probabilities[places],
            self.ask_probability[places],
            self.is_alert[places],
            self.is_found[places],
        )

    def where_language(self, lang: str) -> "Outcomes":
        """Return the posts of one language alone."""
        return self.where(np.array([post.lang == lang for post in self.posts], dtype=np.bool_))


def gather(posts: Sequence[MeasuredPost], answers: Sequence[Understanding]) -> Outcomes:
    """Return the columns of the labelled posts; those without a label are left out."""
    pairs = [
        (post, answer, _PLACES[post.intent])
        for post, answer in zip(posts, answers, strict=True)
        if post.intent is not None
    ]
    kept = [answer for _, answer, _ in pairs]
    return Outcomes(
        [post for post, _, _ in pairs],
        kept,
        np.array([truth for _, _, truth in pairs], dtype=np.intp),
        np.array([_PLACES[answer.intent] for answer in kept], dtype=np.intp),
        np.array(
            [[answer.probabilities.get(each, 0.0) for each in INTENTS] for answer in kept]
        ).reshape(len(kept), len(INTENTS)),
        np.array([answer.probability for answer in kept]),
        np.array([answer.lane is Lane.ALERT for answer in kept], dtype=np.bool_),
        np.array([answer.lane is not Lane.NONE for answer in kept], dtype=np.bool_),
    )


def place_of(intent: Intent) -> int:
    """Return the column of an intent."""
    return _PLACES[intent]

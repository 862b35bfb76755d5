"""What colleagues say of a find with one tap, and what is remembered of it to learn from."""

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from askwatch.model.lead import Intent, Lane, TopicScore, Understanding


class FeedbackKind(StrEnum):
    """What a tap says of a post."""

    WANTED = "wanted"  # somebody took it, or took it out of the review
    NOT_A_LEAD = "not_a_lead"  # nobody asks for anything that concerns us
    WRONG_KIND = "wrong_kind"  # it looks for a supplier, for a person, or for neither
    WRONG_TOPIC = "wrong_topic"
    MISSED_ENTITY = "missed_entity"
    MISSED = "missed"  # it was rejected, or not sure enough, and asks for something


class AskedFor(StrEnum):
    """What a post looks for, as a colleague says."""

    VENDOR = "vendor"
    CANDIDATE = "candidate"
    NONE = "none"


# Each replaces what the same colleague said before of the same post.
VERDICTS = frozenset(
    {
        FeedbackKind.WANTED,
        FeedbackKind.NOT_A_LEAD,
        FeedbackKind.WRONG_KIND,
        FeedbackKind.MISSED,
    }
)


class Features(BaseModel):
    """What the language stage said of a post before any adaptation; never its text."""

    model_config = ConfigDict(frozen=True)

    lang: str = "und"
    intent: Intent = Intent.OTHER
    lane: Lane = Lane.NONE
    may_alert: bool = True
    probability: float = Field(default=0.0, ge=0, le=1)
    probabilities: dict[Intent, float] = {}
    b2b_probability: float = Field(default=0.0, ge=0, le=1)
    topics: tuple[TopicScore, ...] = ()
    vector: tuple[float, ...] = ()
    model: str = ""

    @classmethod
    def of(cls, understanding: Understanding) -> Self:
        """Return what is remembered of an understanding, as it was before it was adapted."""
        before = understanding.unadapted
        known = understanding if before is None else before
        return cls(
            lang=understanding.lang,
            intent=understanding.intent,
            lane=known.lane,
            may_alert=understanding.may_alert,
            probability=known.probability,
            probabilities=known.probabilities,
            b2b_probability=understanding.b2b_probability,
            topics=known.topics,
            vector=understanding.vector,
            model=known.model,
        )

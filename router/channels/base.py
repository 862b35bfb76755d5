"""The interface of channels, and what they bring."""

from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

from askwatch.errors import AskwatchError
from askwatch.model.expert import Expert
from askwatch.model.ids import DeliveryId


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What an expert is told; every channel says it in its own form.

    `kind` is alert, reminder, nudge, notice, handed or outcome. `message_id` is the same in every
    attempt, so that a mail which arrives twice is seen to be one.
    """

    delivery_id: DeliveryId
    message_id: str
    kind: str
    expert: Expert
    topic: str  # its name in the expert's language; "" when the lead has none
    quote: str
    lang: str
    age_s: float
    because: list[dict[str, JsonValue]]
    topic_names: dict[str, str]
    others_told: int
    asks: str = ""  # what spoke for it in words, in the expert's language
    url: str
    settings_url: str


class Channel(Protocol):
    """Brings cards to people. Thread-safe; every call ends within a time-out of its own."""

    def send(self, card: Card) -> str:
        """Return the provider's id once it has accepted the card for good.

        Raises:
            ChannelRejectedError: This card will never be accepted.
            ChannelUnavailableError: It may be, later; whether it was is not always known.
        """
        ...


class ChannelRejectedError(AskwatchError):
    """The channel refused the card for good; do not send it again."""

    def __init__(self, channel: str, reason: str) -> None:
        self.channel, self.reason = channel, reason
        super().__init__(f"{channel} refused the alert: {reason}")


class ChannelUnavailableError(AskwatchError):
    """The channel does not answer, or asks for patience; send the card again later."""

    def __init__(self, channel: str, reason: str) -> None:
        self.channel, self.reason = channel, reason
        super().__init__(f"{channel} is not available: {reason}")

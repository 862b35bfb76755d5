"""Where colleagues hand in posts that no source can read; the collectors stand behind it."""

from dataclasses import dataclass
from typing import Protocol

from askwatch.model.ids import ExpertId


@dataclass(frozen=True, slots=True)
class Handed:
    """What was brought: its id, and what happens next: `received`, `fetching` or `needs_text`."""

    hand_in_id: str
    state: str


class HandInDesk(Protocol):
    """Takes posts from people. Thread-safe."""

    def hand_in(self, expert_id: ExpertId, *, url: str, title: str = "", text: str = "") -> Handed:
        """Take a post: with text it goes to the stream of posts at once, a bare link is fetched.

        A link handed in twice by one person is the same hand-in.

        Raises:
            InvalidRequestError: Neither a link nor a text, or something that cannot be one.
            BackendUnavailableError: Nothing was kept; hand it in again.
        """
        ...

    def supply_text(self, hand_in_id: str, expert_id: ExpertId, *, text: str) -> None:
        """Add the text of a link that may not be fetched.

        Raises:
            NotFoundError: There is no such hand-in of this expert.
            ConflictError: Its text is there already, or it was withdrawn.
            InvalidRequestError: The text is empty.
        """
        ...

    def withdraw(self, hand_in_id: str, expert_id: ExpertId) -> None:
        """Take a post back: its lead goes everywhere, as if its author had deleted it.

        Raises:
            NotFoundError: There is no such hand-in of this expert.
        """
        ...

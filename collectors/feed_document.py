"""Opens the body of a feed of any format, and cuts it into bounded pieces of drafts."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from askwatch.errors import AskwatchError
from collectors.normalise import Draft

# Posts that are parsed, compared and produced at a time.
PIECE = 500


class NotAFeedError(AskwatchError):
    """The body is no feed; `reason` is one word for the counter."""

    def __init__(self, reason: str, text: str) -> None:
        self.reason = reason
        super().__init__(text)


class FeedDocument(Protocol):
    """A feed that was opened; only its pieces are parsed, one at a time."""

    @property
    def size(self) -> int:
        """Return how many entries the feed holds."""
        ...

    @property
    def deleted(self) -> Sequence[str]:
        """Return the ids of the entries that the feed says are gone (RFC 6721)."""
        ...

    @property
    def trouble(self) -> str:
        """Return what was wrong with the pieces parsed so far; "" when nothing was."""
        ...

    def pieces(self, limit: int) -> Iterator[list[Draft]]:
        """Yield the newest `limit` entries in pieces of at most `PIECE`, in the feed's order."""
        ...

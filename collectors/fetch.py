"""The words in which readers ask for an address, and what they get; knows nothing of scrapy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from askwatch.errors import AskwatchError


class FetchError(AskwatchError):
    """An address could not be read.

    `reason` is one word for the counter, the text is for the person who looks after the source,
    and `retry_at` is when the site allows the next try, where it said so.
    """

    def __init__(self, reason: str, text: str, *, retry_at: datetime | None = None) -> None:
        self.reason, self.retry_at = reason, retry_at
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer of any status but a redirect; header names are in lower case."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    retry_at: datetime | None = None


Outcome: TypeAlias = Fetched | FetchError


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """One address to read. `done` is called once, from another thread, and must return at once.

    `is_page` marks a page that a colleague brought: sites that forbid it are not asked at all.
    """

    url: str
    done: Callable[[Outcome], None]
    headers: Mapping[str, str] = field(default_factory=dict)
    is_page: bool = False
    size_limit_bytes: int = 32 * 2**20
    timeout_s: float = 30.0

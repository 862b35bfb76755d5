"""What a company may say of a feed in its row's options."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from askwatch.errors import ConfigurationError
from askwatch.model.source import Source

_INTERVAL_S = 300.0
_MAX_POSTS = 2_000
_LONGEST_PAUSE = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class FeedOptions:
    """`interval_s` between reads, `max_posts` looked at in one read, `lang` where none is said."""

    interval_s: float = _INTERVAL_S
    max_posts: int = _MAX_POSTS
    lang: str = ""

    @property
    def interval(self) -> timedelta:
        return timedelta(seconds=self.interval_s)

    def pause_after(self, failures: int) -> timedelta:
        """Return how long to leave a feed alone that failed so many times in a row."""
        longest = max(_LONGEST_PAUSE, self.interval)
        return min(self.interval * float(2 ** min(failures, 20)), longest)


def read_options(source: Source) -> FeedOptions:
    """Return the options of a feed.

    Raises:
        ConfigurationError: One of them, or the address, cannot be meant; the message names it.
    """
    if urlsplit(source.url).scheme.lower() not in ("http", "https"):
        raise ConfigurationError(
            f"url is {source.url!r}: the address of a feed begins with https:// or http://"
        )
    lang = source.options.get("lang", "")
    if not isinstance(lang, str):
        raise ConfigurationError(f"options.lang is {lang!r}: it must be text, e.g. da")
    return FeedOptions(
        interval_s=_number(source, "interval_s", _INTERVAL_S, 7 * 86_400),
        max_posts=int(_number(source, "max_posts", _MAX_POSTS, 100_000)),
        lang=lang,
    )


def _number(source: Source, name: str, default: float, most: float) -> float:
    value = source.options.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= most:
        raise ConfigurationError(
            f"options.{name} is {value!r}: it must be a number from 1 to {most:g}"
        )
    return float(value)

"""JSON Feed, version 1 and 1.1 (jsonfeed.org)."""

import html
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

import orjson

from collectors.feed_document import PIECE, NotAFeedError
from collectors.normalise import Draft

_VERSIONS = ("https://jsonfeed.org/version/1", "http://jsonfeed.org/version/1")


class JsonFeed:
    """See `collectors.feed_document.FeedDocument`. The format knows no deletions."""

    deleted: tuple[str, ...] = ()

    def __init__(self, body: bytes, *, url: str) -> None:
        self._url, self.trouble = url, ""
        try:
            given = orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
        except orjson.JSONDecodeError as error:
            raise NotAFeedError("broken_json", f"the feed is not readable JSON: {error}") from error
        if not isinstance(given, dict) or not _text(given, "version").startswith(_VERSIONS):
            raise NotAFeedError(
                "not_a_feed", 'the address answers with JSON that is no JSON Feed (no "version")'
            )
        items = given.get("items")
        if not isinstance(items, list):
            raise NotAFeedError("broken_json", 'the JSON Feed has no list of "items"')
        self._items: list[Any] = items
        self._place, self._lang = _text(given, "title"), _text(given, "language")
        self._author = _author(given)

    @property
    def size(self) -> int:
        return len(self._items)

    def pieces(self, limit: int) -> Iterator[list[Draft]]:
        chosen = self._items
        if len(chosen) > limit:
            chosen = chosen[-limit:] if self._is_oldest_first() else chosen[:limit]
        for start in range(0, len(chosen), PIECE):
            piece = chosen[start : start + PIECE]
            drafts = [self._draft(item) for item in piece if isinstance(item, dict)]
            if len(drafts) < len(piece):
                self.trouble = 'some of the "items" are no JSON objects'
            yield drafts

    def _is_oldest_first(self) -> bool:
        first, last = (
            _time(item, "date_published") if isinstance(item, dict) else None
            for item in (self._items[0], self._items[-1])
        )
        return first is not None and last is not None and first < last

    def _draft(self, item: dict[str, Any]) -> Draft:
        url = _text(item, "url") or _text(item, "external_url")
        markup = _text(item, "content_html") or html.escape(
            _text(item, "content_text") or _text(item, "summary"), quote=False
        )
        name, author_url = _author(item) if _author(item) != ("", "") else self._author
        identity = item.get("id")
        return Draft(
            post_id=str(identity) if isinstance(identity, str | int | float) else "",
            url=urljoin(self._url, url) if url else "",
            title=html.escape(_text(item, "title"), quote=False),
            text=markup,
            is_html=True,
            author_id=author_url or name,
            author_name=name,
            author_url=author_url,
            lang=_text(item, "language") or self._lang,
            place=self._place,
            published_at=_time(item, "date_published"),
            edited_at=_time(item, "date_modified"),
        )


def _author(given: dict[str, Any]) -> tuple[str, str]:
    """Return name and address of the first author; 1.1 says "authors", 1 says "author"."""
    authors = given.get("authors")
    first = authors[0] if isinstance(authors, list) and authors else given.get("author")
    if not isinstance(first, dict):
        return "", ""
    return _text(first, "name"), _text(first, "url")


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    return value if isinstance(value, str) else ""


def _time(given: dict[str, Any], name: str) -> datetime | None:
    try:
        return datetime.fromisoformat(_text(given, name))
    except ValueError:
        return None

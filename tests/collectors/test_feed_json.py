"""JSON Feed beyond what the reader's tests show: limits, order, odd values."""

from datetime import UTC, datetime
from typing import Any

import orjson

from collectors.feed_format import open_feed
from collectors.feed_json import JsonFeed
from collectors.normalise import Draft

URL = "https://forum.example/feed.json"


def open_items(*items: Any, **head: Any) -> JsonFeed:
    body = orjson.dumps({"version": "https://jsonfeed.org/version/1", "items": items} | head)
    feed = open_feed(b"\xef\xbb\xbf \n" + body, url=URL, content_type="application/json")
    assert isinstance(feed, JsonFeed)
    return feed


def drafts(feed: JsonFeed, limit: int = 1_000) -> list[Draft]:
    return [draft for piece in feed.pieces(limit) for draft in piece]


def item(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "content_text": f"1 < {number}",
        "date_published": f"2026-03-01T{number:02}:00:00Z",
    } | more


def test_plain_text_is_no_markup() -> None:
    (draft,) = drafts(open_items(item(2)))
    assert (draft.post_id, draft.text) == ("2", "1 &lt; 2")


def test_of_too_many_entries_the_newest_are_taken_in_either_order() -> None:
    numbers = list(range(10))
    for given in (numbers, numbers[::-1]):
        feed = open_items(*[item(number) for number in given])
        assert {draft.post_id for draft in drafts(feed, limit=3)} == {"7", "8", "9"}
        assert feed.size == 10
    undated = open_items(*[{"id": number} for number in numbers], "odd")
    assert [draft.post_id for draft in drafts(undated, limit=2)] == ["0", "1"]


def test_authors_stand_at_the_entry_or_at_the_feed() -> None:
    feed = open_items(
        item(1, author={"name": "Bo"}), item(2), item(3, authors=["odd"]), author={"name": "Anna"}
    )
    assert [draft.author_name for draft in drafts(feed)] == ["Bo", "Anna", "Anna"]


def test_odd_values_are_as_if_absent() -> None:
    (draft,) = drafts(open_items({"id": None, "title": 5, "date_published": "soon", "url": []}))
    assert (draft.post_id, draft.title, draft.published_at, draft.url) == ("", "", None, "")


def test_links_and_edits_are_read() -> None:
    (draft,) = drafts(
        open_items(item(1, external_url="../1", date_modified="2026-03-02T00:00:00Z"))
    )
    assert draft.url == "https://forum.example/1"
    assert draft.edited_at == datetime(2026, 3, 2, tzinfo=UTC)

"""Tells the formats of feeds apart."""

from collectors.feed_document import FeedDocument, NotAFeedError
from collectors.feed_json import JsonFeed
from collectors.feed_xml import XmlFeed


def open_feed(body: bytes, *, url: str, content_type: str) -> FeedDocument:
    """Return the feed in `body`, whatever its format.

    Raises:
        NotAFeedError: It is none; the text says what it is instead.
    """
    start = body[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise NotAFeedError("not_a_feed", "the address answers with nothing")
    if start.startswith((b"{", b"[")):
        return JsonFeed(body, url=url)
    return XmlFeed(body, url=url, content_type=content_type)

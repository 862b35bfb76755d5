"""RSS 0.9x, 1.0, 2.0 and Atom, parsed by feedparser one bounded piece after the other.

feedparser builds a whole document in memory, several times its size. A large feed is therefore
cut before each entry, and each piece is parsed as a small feed of its own with the head of the
large one.
"""

import calendar
import codecs
import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

import feedparser

from collectors.feed_document import PIECE, NotAFeedError
from collectors.normalise import Draft

# Largest piece that feedparser gets: its tolerant parser needs some seconds for 2 MiB of rubbish.
_PIECE_BYTES = 2 * 2**20
_HEAD_BYTES = 256 * 1024
_TOMBSTONES = b"http://purl.org/atompub/tombstones/1.0"
_ROOT = re.compile(rb"<((?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*))[\s/>]")
_MARK = re.compile(
    rb"<!\[CDATA\[|<!--|<(?:[A-Za-z_][\w.-]*:)?(item|entry|deleted-entry)(?=[\s/>])", re.IGNORECASE
)
_REF = re.compile(rb"""\bref\s*=\s*(?:"([^"<]{1,2000})"|'([^'<]{1,2000})')""")
_ENCODING = re.compile(rb"""(<\?xml[^>]{0,200}?)\sencoding\s*=\s*["'][^"']*["']""")
_ROOTS = (b"rss", b"feed", b"rdf")
_MAIL = re.compile(r"[^\s<>()@]{1,64}@[^\s<>()@]{1,255}")
_ALTERNATE = re.compile(
    rb"<link\b[^>]{0,500}application/(?:rss|atom)\+xml[^>]{0,500}", re.IGNORECASE
)
_HREF = re.compile(rb"""\bhref\s*=\s*["']?([^"'\s>]{1,500})""", re.IGNORECASE)


class XmlFeed:
    """See `collectors.feed_document.FeedDocument`."""

    def __init__(self, body: bytes, *, url: str, content_type: str) -> None:
        self._url, self.trouble = url, ""
        self._body, self._content_type = _without_wide_encoding(body, content_type)
        self._close = _find_close(self._body, url)
        self._starts, self.deleted = _find_entries(self._body)
        head = self._starts[0] if self._starts else len(self._body)
        if head > _HEAD_BYTES:
            raise NotAFeedError("not_a_feed", "the feed has no entry within its first 256 kB")

    @property
    def size(self) -> int:
        return len(self._starts)

    def pieces(self, limit: int) -> Iterator[list[Draft]]:
        if not self._starts:
            self._check_empty()
            return
        first, last = 0, len(self._starts)
        if last > limit:
            first, last = (last - limit, last) if self._is_oldest_first() else (0, limit)
        if last == self.size <= PIECE and self._is_small():
            yield self._parse(self._body)
            return
        while first < last:
            end = self._end_of_piece(first, last)
            yield self._parse(self._cut(first, end))
            first = end

    def _is_small(self) -> bool:
        return len(self._body) <= _PIECE_BYTES

    def _end_of_piece(self, first: int, last: int) -> int:
        """Return the entry before which the piece that begins with entry `first` ends."""
        end = first + 1
        while end < min(last, first + PIECE):
            if self._start(end + 1) - self._starts[first] > _PIECE_BYTES:
                break
            end += 1
        return end

    def _start(self, number: int) -> int:
        return self._starts[number] if number < len(self._starts) else len(self._body)

    def _cut(self, first: int, end: int) -> bytes:
        """Return entries `first` to `end` as a feed; an entry too large for us is left out."""
        piece = self._body[self._starts[first] : self._start(end)]
        if len(piece) > _PIECE_BYTES:
            self.trouble = "an entry of more than 2 MiB was left out"
            return b""
        close = b"" if end == self.size else self._close
        return self._body[: self._starts[0]] + piece + close

    def _parse(self, document: bytes) -> list[Draft]:
        if not document:
            return []
        parsed = feedparser.parse(
            document,
            response_headers={"content-type": self._content_type},
            sanitize_html=False,  # tags are taken out later, by `normalise`
            resolve_relative_uris=False,
        )
        if parsed.bozo:
            self._note(parsed.get("bozo_exception"))
        about = parsed.feed
        return [self._draft(entry, about) for entry in parsed.entries]

    def _note(self, error: object) -> None:
        """Keep the first real fault; a wrong content type or charset alone is none."""
        harmless = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)
        if self.trouble or isinstance(error, harmless):
            return
        said = getattr(error, "getMessage", lambda: str(error))()
        line = getattr(error, "getLineNumber", lambda: None)()
        is_whole = self.size <= PIECE and self._is_small()
        place = f" in line {line}" if line and is_whole else ""
        self.trouble = f"the XML of the feed is broken{place} ({said}): entries may be missing"

    def _check_empty(self) -> None:
        """A feed without entries is fine, rubbish in its place is not."""
        self._parse(self._body)
        if self.trouble:
            raise NotAFeedError("broken_xml", self.trouble)

    def _is_oldest_first(self) -> bool:
        first, last = (
            [draft.published_at for draft in self._parse(self._cut(number, number + 1))]
            for number in (0, self.size - 1)
        )
        times = [*first, *last]
        return len(times) == 2 and None not in times and bool(times[0] < times[1])  # type: ignore[operator]  # no None among them

    def _draft(self, entry: Any, about: Any) -> Draft:
        content = _content(entry)
        name, address = _author(entry)
        author_url = (entry.get("author_detail") or {}).get("href", "")
        link = entry.get("link", "")
        reply = entry.get("thr_in-reply-to") or entry.get("in-reply-to") or {}
        return Draft(
            post_id=entry.get("id", ""),
            url=urljoin(self._url, link) if link else "",
            title=_markup(entry.get("title_detail") or {}),
            text=_markup(content),
            is_html=True,
            author_id=author_url or name or address,
            author_name=name,
            author_url=author_url,
            lang=content.get("language") or about.get("language") or "",
            place=(entry.get("source") or {}).get("title") or about.get("title", ""),
            in_reply_to=reply.get("ref", "") if hasattr(reply, "get") else "",
            published_at=_time(entry, "published_parsed") or _time(entry, "updated_parsed"),
            edited_at=_time(entry, "updated_parsed"),
        )


def _find_close(body: bytes, url: str) -> bytes:
    """Return what closes the feed after any of its entries."""
    match = _ROOT.search(body, 0, _HEAD_BYTES)
    name = match.group(2).lower() if match else b""
    if match and name in _ROOTS:
        root = b"</" + match.group(1) + b">"
        return b"</channel>" + root if name == b"rss" else root
    if name in {b"html", b"head", b"body"} or b"<html" in body[:_HEAD_BYTES].lower():
        raise NotAFeedError("not_a_feed", _say_web_page(body, url))
    if not match:
        raise NotAFeedError("not_a_feed", "the address answers with something that is no feed")
    raise NotAFeedError(
        "not_a_feed",
        f"the address answers with XML that is no feed (<{name.decode('latin-1'):.40}>)",
    )


def _say_web_page(body: bytes, url: str) -> str:
    text = "the address answers with a web page, not with a feed"
    link = _ALTERNATE.search(body, 0, _HEAD_BYTES)
    href = _HREF.search(link.group()) if link else None
    if href is None:
        return f"{text}: look for the address of the feed itself"
    return f"{text}: it names {urljoin(url, href.group(1).decode('utf-8', 'replace'))} as its feed"


def _find_entries(body: bytes) -> tuple[list[int], list[str]]:
    """Return where entries begin, and the ids of deleted ones; linear in the size of `body`."""
    starts: list[int] = []
    deleted: list[str] = []
    has_tombstones = _TOMBSTONES in body[:_HEAD_BYTES]
    position = 0
    while (match := _MARK.search(body, position)) is not None:
        position = match.end()
        name = (match.group(1) or b"").lower()
        if not name:
            end = b"]]>" if match.group() == b"<![CDATA[" else b"-->"
            position = body.find(end, position)
            if position < 0:
                break
        elif name != b"deleted-entry":
            starts.append(match.start())
        elif has_tombstones and (ref := _REF.search(body, position, position + 4_000)):
            given = ref.group(1) or ref.group(2)
            deleted.append(html.unescape(given.decode("utf-8", "replace")))
    return starts, deleted


def _without_wide_encoding(body: bytes, content_type: str) -> tuple[bytes, str]:
    """Return UTF-16 and UTF-32 as UTF-8: a cut needs an encoding in which "<" is one byte."""
    for mark, encoding in (
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
        (b"<\0?\0", "utf-16-le"),
        (b"\0<\0?", "utf-16-be"),
    ):
        if body.startswith(mark):
            text = body.decode(encoding, "replace").encode("utf-8", "replace")
            return _ENCODING.sub(rb"\1", text, count=1), "application/xml; charset=utf-8"
    return body, content_type


def _author(entry: Any) -> tuple[str, str]:
    """Return name and mail address of the author; RSS puts both into one text."""
    given: str = entry.get("author", "")
    # Not feedparser's own parts: it cuts addresses whose last label has more than four letters.
    address = _MAIL.search(given)
    if address is None:
        return given, ""
    return given.replace(address.group(), "").strip(" ()<>"), address.group()


def _content(entry: Any) -> Any:
    """Return the fullest of the entry's texts."""
    candidates = [*entry.get("content", ()), entry.get("summary_detail") or {}]
    return max(candidates, key=lambda each: len(each.get("value", "")))


def _markup(detail: Any) -> str:
    value: str = detail.get("value", "") or ""
    if detail.get("type") == "text/plain":
        # Many feeds escape plain text once more than they should.
        return html.escape(html.unescape(value), quote=False)
    return value


def _time(entry: Any, name: str) -> datetime | None:
    # `dict.get`: feedparser's own would answer "published" when asked for "updated".
    given = dict.get(entry, name)
    try:
        return datetime.fromtimestamp(calendar.timegm(given), UTC) if given else None
    except (ValueError, OverflowError):
        return None

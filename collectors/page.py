"""What a web page that a colleague handed in says: its title and its main text."""

from dataclasses import dataclass
from datetime import UTC, datetime

from lxml.etree import ParserError  # type: ignore[import-untyped]  # it ships no types
from lxml.html import HTMLParser, document_fromstring  # type: ignore[import-untyped]  # as above
from parsel import Selector
from w3lib.encoding import html_to_unicode

from collectors.fetch import FetchError
from collectors.normalise import clean_text, html_to_text

# More is not a page that a person reads.
PAGE_LIMIT_BYTES = 4 * 2**20
_TYPES = ("text/html", "application/xhtml+xml")
# Where pages of forums, blogs and news keep what they are about, the most exact place first.
_MAIN = (
    '//*[@itemprop="articleBody" or @itemprop="text"]',
    "//article",
    "//main",
    '//*[@role="main"]',
    "//body",
)
_NOISE = (
    "//script | //style | //noscript | //template | //nav | //header | //footer | //aside"
    " | //form | //button | //select | //svg | //iframe"
)
# A place with less is a teaser or a frame; the next one is looked at.
_ENOUGH = 40


@dataclass(frozen=True, slots=True)
class Page:
    """The words of a page; `text` may be "" where only machines with scripts would see any."""

    title: str
    text: str
    published_at: datetime | None


def read_page(body: bytes, *, content_type: str) -> Page:
    """Return what the page says.

    Raises:
        FetchError: It is no web page, or its owner reserves its text.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "text/plain":
        return Page("", clean_text(html_to_unicode(content_type, body)[1]), None)
    if kind not in _TYPES:
        raise FetchError("not_a_page", f"the link leads to a file ({kind or 'of no type'})")
    selector = _parse(html_to_unicode(content_type, body)[1])
    if selector is None:
        return Page("", "", None)
    if _meta(selector, "tdm-reservation") == "1":
        raise FetchError("reserved", "the site reserves its texts from being read by machines")
    title = _meta(selector, "og:title") or selector.xpath("string(//title)").get("")
    described = _meta(selector, "og:description") or _meta(selector, "description")
    published_at = _time(_meta(selector, "article:published_time"))
    selector.xpath(_NOISE).drop()
    text = _main_text(selector)
    return Page(html_to_text(title), text or html_to_text(described), published_at)


def _parse(markup: str) -> Selector | None:
    """Return the page, or None when nothing is in it."""
    # Without `huge_tree` the parser stops at a depth that no real page reaches.
    parser = HTMLParser(huge_tree=False)
    try:
        return Selector(root=document_fromstring(markup, parser=parser), type="html")
    except ParserError:
        return None


def _main_text(selector: Selector) -> str:
    for place in _MAIN:
        for found in selector.xpath(place):
            text = html_to_text(found.get())
            if len(text) >= _ENOUGH:
                return text
    return ""


def _meta(selector: Selector, name: str) -> str:
    query = "//meta[@property=$name or @name=$name]/@content"
    return (selector.xpath(query, name=name).get() or "").strip()


def _time(given: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)

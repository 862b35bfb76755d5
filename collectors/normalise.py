"""Turns what a source sent into a clean post: plain text, sane dates, bounded sizes."""

import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import nh3

from askwatch.errors import AskwatchError
from askwatch.model.ids import ExpertId, PostId, SourceId, derive_id
from askwatch.model.post import TEXT_LIMIT, Author, Post

TITLE_LIMIT = 500
URL_LIMIT = 2_000
NAME_LIMIT = 200
POST_ID_LIMIT = 500
# Markup above this is cut before it is parsed: a text of 20 000 characters never needs more.
MARKUP_LIMIT = 400_000
# An HTML parser needs time that grows with the square of the depth: half a minute for 80 000 nested
# tags. What has more than this is no post, and its tags are cut out without understanding them.
TAG_LIMIT = 3_000
# The web's first page is from 1990; an older date is a mistake.
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
# Clocks of sites differ by some minutes.
_CLOCK_SKEW = timedelta(minutes=5)

_TAG = re.compile(r"<[^<>]*>")
_TAG_OR_ENTITY = re.compile(r"<[a-zA-Z/!?]|&[a-zA-Z#]")
_BLOCK_END = re.compile(
    r"<(?:br|/p|/div|/li|/tr|/h[1-6]|/blockquote|/pre|/ul|/ol|/title)\b[^<>]{0,200}>", re.IGNORECASE
)
# Control characters, bidirectional overrides, lone surrogates and non-characters.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
# No language stacks more than a few marks on a letter; "zalgo" text stacks dozens.
_MARKS = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{3})"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+"
)
_NOBODY = Author()
_SPACES = re.compile(r"[ \t\u00a0]{2,}")
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*){2,}")


class RefusedPostError(AskwatchError):
    """A post cannot be taken; `reason` is one word for the counter."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the post was refused: {reason}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A post as a source sent it. `post_id` "" derives one from link or content."""

    post_id: str = ""
    url: str = ""
    title: str = ""
    text: str = ""
    is_html: bool = False
    author_id: str = ""
    author_name: str = ""
    author_url: str = ""
    lang: str = ""
    place: str = ""
    in_reply_to: str = ""
    published_at: datetime | None = None
    edited_at: datetime | None = None
    handed_in_by: ExpertId | None = None


def normalise(draft: Draft, *, source_id: SourceId, now: datetime) -> Post:
    """Return the post, revision 1.

    Raises:
        RefusedPostError: Nothing is left of it.
    """
    to_text = html_to_text if draft.is_html else clean_text
    text, title = to_text(draft.text), to_text(draft.title).replace("\n", " ")
    if not text and not title:
        raise RefusedPostError("empty")
    url = _web_address(draft.url)
    published_at = sane_date(draft.published_at, now)
    edited_at = draft.edited_at
    return Post(
        source_id=source_id,
        post_id=choose_post_id(draft.post_id or url or derive_id(title, text)),
        url=url,
        title=title[:TITLE_LIMIT],
        text=text[:TEXT_LIMIT],
        author=_author(draft),
        lang_hint=clean_text(draft.lang)[:2].lower(),
        published_at=published_at,
        observed_at=now,
        edited_at=edited_at if edited_at and published_at < edited_at <= now else None,
        is_truncated=len(text) > TEXT_LIMIT or len(draft.text) > MARKUP_LIMIT,
        in_reply_to=clean_text(draft.in_reply_to)[:POST_ID_LIMIT],
        place=clean_text(draft.place)[:NAME_LIMIT],
        handed_in_by=draft.handed_in_by,
    )


def clean_text(text: str) -> str:
    """Return `text` without characters that no reader wants; letters of every script stay."""
    if not text:
        return ""
    if len(text) > MARKUP_LIMIT:
        text = text[:MARKUP_LIMIT]
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    # Nearly every post is plain; asking that first is ten times faster than looking for oddities.
    if not text.isprintable() and not text.replace("\n", "").replace("\t", "").isprintable():
        text = _FORBIDDEN.sub("", text)
    if not text.isascii() and not _is_latin(text):
        text = _MARKS.sub(r"\1", text)
    return text.strip()


def _is_latin(text: str) -> bool:
    """Tell whether `text` holds no character above U+00FF, so no combining mark either."""
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def html_to_text(markup: str) -> str:
    """Return the words of `markup`, one line a block; text without tags costs nothing."""
    if not _TAG_OR_ENTITY.search(markup):
        return clean_text(markup)
    text = _BLOCK_END.sub("\n", clean_text(markup))
    if text.count("<") > TAG_LIMIT:
        text = _TAG.sub(" ", text)
    else:
        text = nh3.clean(text, tags=set(), link_rel=None)
    text = html.unescape(text)
    text = _BLANK_LINES.sub("\n\n", _SPACES.sub(" ", text))
    return clean_text("\n".join(line.strip() for line in text.split("\n")))


def sane_date(given: datetime | None, now: datetime) -> datetime:
    """Return when a post was published; what cannot be true becomes `now`."""
    if given is None:
        return now
    if given.tzinfo is None:
        given = given.replace(tzinfo=UTC)
    if given > now + _CLOCK_SKEW or given < _OLDEST:
        return now
    return min(given, now)


def choose_post_id(given: str) -> PostId:
    """Return `given`, or its hash where it is too long or has characters no key should have."""
    if len(given) > POST_ID_LIMIT or _FORBIDDEN.search(given) or "\n" in given:
        return PostId(derive_id(given))
    return PostId(given)


def hash_content(post: Post) -> str:
    """Return what changes when the author edits a post."""
    return derive_id(post.title, post.text)


def _author(draft: Draft) -> Author:
    if not (draft.author_name or draft.author_id):
        return _NOBODY
    name = clean_text(draft.author_name)[:NAME_LIMIT]
    same = draft.author_id == draft.author_name and len(draft.author_name) <= NAME_LIMIT
    author_id = name if same else clean_text(draft.author_id)[:URL_LIMIT] or name
    return Author(author_id=author_id, name=name, url=_web_address(draft.author_url))


def _web_address(given: str) -> str:
    # A page shows it as a link: never "javascript:" or a cut address.
    if not given:
        return ""
    address = clean_text(given)
    is_web = address[:8].lower().startswith(("http://", "https://"))
    return address if is_web and len(address) <= URL_LIMIT and " " not in address else ""

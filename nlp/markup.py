"""Takes off what is left of HTML, and letters of other scripts that stand in for Latin ones."""

import html
import re
from dataclasses import dataclass

_TAG = re.compile(
    r"</?(?:br|p|div|li|ul|ol|i|b|u|em|strong|a|span|blockquote)"
    r"(?:[ \n]\w{1,12}=[^<>]{0,1000}| ?/)?>",
    re.IGNORECASE,
)
_ANY_TAG = re.compile(r"<[/!?%]?[A-Za-z%]")
_LINE_TAGS = ("<br", "<p", "</p", "<div", "</div", "<li", "</li", "<blockq", "</blockq")
_REFERENCE = re.compile(r"&(?:amp;){0,3}(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8}\d{0,2});")
_SEEN = re.compile(r"[^\n]")

# Greek and Cyrillic letters that look like Latin ones.
_LOOK_ALIKE = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0406\u0408\u0405"
    "\u03bf\u03b1\u03bd\u03c1\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1"
    "\u03a4\u03a5\u03a7",
    "aeopcyxijshdqwABEKMHOPCTXIJSoavpABEZHIKMNOPTYX",
)
_OTHER_SCRIPT = re.compile("[\u0370-\u03ff\u0400-\u052f]")
_WORD = re.compile(r"\w+")
_LATIN = re.compile("[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Unmarked:
    """A text whose character i stands at [starts[i], ends[i]) of the one with references."""

    text: str
    starts: list[int]
    ends: list[int]


def blank_tags(text: str) -> str:
    """Return the text with spaces for tags of running text, line breaks for those that break it.

    It is as long as before. With tags of pages (tables, scripts) in it, HTML is what the post is
    about, and stays.
    """
    if "<" not in text:
        return text
    blanked, count = _TAG.subn(_blank_tag, text)
    return blanked if count == len(_ANY_TAG.findall(text)) else text


def _blank_tag(found: re.Match[str]) -> str:
    blank = _SEEN.sub(" ", found.group())
    return "\n" + blank[1:] if found.group().lower().startswith(_LINE_TAGS) else blank


def resolve_references(text: str) -> Unmarked | None:
    """Return the text with "&amp;" and the like as the characters they mean; None without any."""
    if "&" not in text or _REFERENCE.search(text) is None:
        return None
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = 0
    for found in _REFERENCE.finditer(text):
        meant = _read_reference(found.group())
        if len(meant) != 1:
            continue
        letters += text[done : found.start()]
        starts += range(done, found.start())
        ends += range(done + 1, found.start() + 1)
        letters.append(meant)
        starts.append(found.start())
        ends.append(found.end())
        done = found.end()
    letters += text[done:]
    starts += range(done, len(text))
    ends += range(done + 1, len(text) + 1)
    return Unmarked("".join(letters), starts, ends)


def _read_reference(reference: str) -> str:
    """Return the character meant; more than one where it means none."""
    # "&amp;#39;" went through two hands that each escaped it.
    return html.unescape("&" + reference[1:].replace("amp;", "") if reference != "&amp;" else "&")


def undisguise(text: str) -> str:
    """Return the text with Latin letters for their look-alikes in words that mix scripts."""
    if _OTHER_SCRIPT.search(text) is None or _LATIN.search(text) is None:
        return text
    return _WORD.sub(_undisguise_word, text)


def _undisguise_word(found: re.Match[str]) -> str:
    word = found.group()
    if _OTHER_SCRIPT.search(word) is None or _LATIN.search(word) is None:
        return word
    return word.translate(_LOOK_ALIKE)

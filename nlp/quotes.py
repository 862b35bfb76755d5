"""Blanks what a post says in somebody else's words: quotes, who wrote them, and signatures.

An ask inside a quote is not the author's own. What is blanked becomes spaces, so that everything
else stays at its place.
"""

import re
from collections.abc import Iterable, Sequence

# Nothing is done to a text in which none of these stands, at the beginning of a line or anywhere.
_HINT = re.compile(r"\n(?: {0,3}>|--|Sen[td]t? |Von mein|Skickat )", re.IGNORECASE)
_CLOSED = re.compile(r"\[/quote\]", re.IGNORECASE)
_ATTRIBUTION = re.compile(
    r"\b(?:wrote|writes|skrev|skriver|schrieb|schreibt)\b|^(?:quote|citat|zitat|sitat)\b",
    re.IGNORECASE,
)
_ATTRIBUTION_LENGTH, _ATTRIBUTION_WORDS = 160, 14
# Newsreaders broke the line in front of the verb, or told the number of the article behind it.
_WRAPPED = re.compile(
    r"(?:wrote|writes|skrev|skriver|schrieb|schreibt)\b|news:\S"
    r"|(?:in |i )?(?:message|meddelelsen?) ?(?::$|news:)",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"-{2,20} ?(?:original message|oprindelig (?:meddelelse|besked)|opprinnelig melding"
    r"|ursprungligt meddelande|ursprüngliche nachricht) ?-{2,20}",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\[(/?)quote(?:=[^\[\]\n]{0,100})?\]", re.IGNORECASE)
_DEVICE = re.compile(
    r"sent from my |sendt fra min |skickat från min |sent via |von meinem .{1,30} gesendet",
    re.IGNORECASE,
)
_DEVICE_LENGTH = 60
# ">:(" and ">.<" are faces.
_FACE = re.compile(r">[ :;._]*[-']?[()<\[\]DPp/|]\s*(?:\s|$)")
# Newsgroups allow a signature four lines of 80 (RFC 1855); a longer rest is the post itself.
_SIGNATURE_LINES, _SIGNATURE_WIDTH = 4, 80
_LETTER = re.compile(r"[^\W_]")
_SEEN = re.compile(r"[^\n]")

_Span = tuple[int, int]


def blank_quotes(text: str) -> str:
    """Return the text with spaces for what is quoted; as long as before.

    A post that is a quote and nothing else is left alone: then it is what its author has to say.
    """
    if _HINT.search(f"\n{text}") is None and _CLOSED.search(text) is None:
        return text
    blanked = _blank(text, _find_brackets(text))
    lines = blanked.split("\n")
    quoted = [_is_quoted(line) for line in lines]
    gone = {place for place, is_quoted in enumerate(quoted) if is_quoted}
    has_names = _add_attributions(lines, quoted, gone)
    _add_forwarded(lines, gone)
    _add_signature(lines, gone)
    if not has_names and not _has_letter(lines, gone):
        return text
    return "\n".join(" " * len(line) if n in gone else line for n, line in enumerate(lines))


def _is_quoted(line: str) -> bool:
    inner = line.lstrip(" ")
    # ">>> wanted <<<" is decoration.
    return (
        inner.startswith(">")
        and len(line) - len(inner) <= 3
        and not inner.rstrip().endswith("<")
        and _FACE.match(inner) is None
    )


def _add_attributions(lines: Sequence[str], quoted: Sequence[bool], gone: set[int]) -> bool:
    """Add the lines that tell who wrote what is quoted below them; tell whether there are any."""
    has_names = False
    for place, is_quoted in enumerate(quoted):
        if not is_quoted or place == 0 or quoted[place - 1]:
            continue
        above = place - 1
        if not lines[above].strip():
            above -= 1
        for number in range(above, max(-1, above - 2), -1):
            line = lines[number].strip()
            if not _WRAPPED.match(line):
                if number < above or _tells_author(line):
                    gone.add(number)
                    has_names = True
                break
            gone.add(number)
            has_names = True
    return has_names


def _tells_author(line: str) -> bool:
    return (
        len(line) <= _ATTRIBUTION_LENGTH
        and len(line.split()) <= _ATTRIBUTION_WORDS
        and not line.endswith(("?", "!", "."))
        and _ATTRIBUTION.search(line) is not None
    )


def _add_forwarded(lines: Sequence[str], gone: set[int]) -> None:
    """Add the mail that is answered above: its mark and all behind it."""
    for place, line in enumerate(lines):
        if line.startswith("--") and _FORWARDED.match(line) is not None:
            if _has_letter(lines[:place], gone):
                gone.update(range(place, len(lines)))
            return


def _add_signature(lines: Sequence[str], gone: set[int]) -> None:
    left = _SIGNATURE_LINES
    for place in range(len(lines) - 1, 0, -1):
        line = lines[place].strip()
        if line == "--":
            if _has_letter(lines[:place], gone):
                gone.update(range(place, len(lines)))
            return
        if line and left == _SIGNATURE_LINES and _names_device(line):
            gone.add(place)
        elif line and place not in gone:
            left -= 1
            # Whoever asks below a line of dashes means it.
            if left < 0 or "?" in line or len(line) > _SIGNATURE_WIDTH:
                return


def _names_device(line: str) -> bool:
    return len(line) <= _DEVICE_LENGTH and _DEVICE.match(line) is not None


def _find_brackets(text: str) -> Iterable[_Span]:
    """Yield the outermost [quote] ... [/quote] of a forum; one that is never closed is none."""
    opened: list[int] = []
    for mark in _BRACKETS.finditer(text):
        if not mark.group(1):
            opened.append(mark.start())
        elif opened:
            start = opened.pop()
            if not opened:
                yield start, mark.end()


def _blank(text: str, spans: Iterable[_Span]) -> str:
    pieces: list[str] = []
    done = 0
    for start, end in spans:
        pieces += [text[done:start], _SEEN.sub(" ", text[start:end])]
        done = end
    return "".join([*pieces, text[done:]]) if pieces else text


def _has_letter(lines: Sequence[str], gone: set[int]) -> bool:
    return any(n not in gone and _LETTER.search(line) for n, line in enumerate(lines))

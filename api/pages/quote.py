"""A post's text cut into pieces, so that templates can mark some without HTML in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# So many letters before a match make it understandable, and keep it in sight on a narrow row.
_LEAD_IN = 16


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; `note` says why it is marked, "" where it is not."""

    text: str
    note: str = ""


def cut(text: str, spans: Iterable[tuple[int, int, str]]) -> list[Piece]:
    """Return `text` in pieces; spans are (start, end, note) in code points.

    Overlapping spans: the one that starts first wins, the rest of the other is kept. Spans beyond
    the text are cut off, so that offsets of an older revision never hide anything.
    """
    pieces: list[Piece] = []
    done = 0
    for start, end, note in sorted(spans):
        begin, stop = max(start, done), min(end, len(text))
        if begin >= stop:
            continue
        if begin > done:
            pieces.append(Piece(text[done:begin]))
        pieces.append(Piece(text[begin:stop], note))
        done = stop
    if done < len(text):
        pieces.append(Piece(text[done:]))
    return pieces


def excerpt(text: str, limit: int = 150) -> str:
    """Return the beginning of a text on one line, cut between words."""
    line = " ".join(text[: limit * 4].split())
    if len(line) <= limit and len(text) <= limit * 4:
        return line
    head = line[:limit]
    cut_at = head.rfind(" ")
    return f"{head[: cut_at if cut_at > limit // 2 else limit].rstrip(' ,.;:')}…"


def excerpt_around(
    text: str, highlights: Sequence[tuple[int, int]], limit: int = 150
) -> list[Piece]:
    """Return one line of a text, around its first highlight, with the highlights marked."""
    first = min((start for start, _ in highlights), default=0)
    begin = 0
    if first > _LEAD_IN * 2:
        begin = first - _LEAD_IN
        space = text.find(" ", begin, first)
        begin = space + 1 if space >= 0 else begin
    end = min(len(text), begin + limit)
    if end < len(text):
        space = text.rfind(" ", begin + limit // 2, end)
        end = space if space > 0 else end
    # Line breaks become spaces one for one, so that offsets stay what they are.
    line = "".join(" " if letter.isspace() else letter for letter in text[begin:end])
    pieces = cut(line, [(start - begin, stop - begin, "match") for start, stop in highlights])
    if begin:
        pieces.insert(0, Piece("… "))
    if end < len(text):
        pieces.append(Piece("…"))
    return pieces

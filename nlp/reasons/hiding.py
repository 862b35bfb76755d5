"""Hides a span of a post, so that one sees what the post says without it."""

import re
from dataclasses import replace

from nlp.normalise import NormalText

_SEEN = re.compile(r"\S")


def hide(text: str, start: int, end: int) -> str:
    """Return the text with spaces for [start, end); line breaks stay, and so do all places."""
    return f"{text[:start]}{_SEEN.sub(' ', text[start:end])}{text[end:]}"


def hide_in(normal: NormalText, start: int, end: int) -> NormalText:
    """Return the normalised text with spaces for [start, end)."""
    return replace(normal, text=hide(normal.text, start, end))

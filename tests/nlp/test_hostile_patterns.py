"""No regular expression of ours takes more than linear time, whatever is written."""

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator

import pytest

import askwatch.model
import collectors
import nlp

_SIZE, _TIMES = 2_000, 8
# Eight times the text may take eight times as long; a quadratic search takes 64 times.
_MOST_GROWTH = 32.0
# Below this nothing can be told from the machine's own noise.
_NOISE_S = 0.004
# One piece fits the inside of most patterns, many of them their repetitions; none ends well.
_PIECES = (
    "a", " ", "\n", "1", "1.", "1,000 ", "1-", "a-", "a'", "a.", "&amp;", "&", "<", "<a ",
    "<a b=", "@", "#",
    "-", "--\n", ">", "> \n", "[quote]", "[", "http://",
    "www.", "?", ". ", '"', "a@",
    "\u00e9", "\u0301",
    "rt ", "fwd: ", "edit: ", "wrote ", "on ", "$1 ", "k ", "ab", "x=",
    "\t", "\u200b",
    "20", "1/", "... ",
    "von meinem ", "ref=", "href=", "</", "xmlns:", ":", "message ", "(", "\u2026 ",
)  # fmt: skip


def _patterns() -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes]]]:
    for package in (nlp, collectors, askwatch.model):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".training" in module.name:
                continue  # reads our own corpus alone
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, re.Pattern):
                    yield f"{module.name}.{name}", value


@pytest.mark.parametrize(
    "pattern",
    [pytest.param(each, id=name) for name, each in sorted(_patterns(), key=lambda e: e[0])],
)
def test_time_grows_no_faster_than_the_text(pattern: re.Pattern[str] | re.Pattern[bytes]) -> None:
    for piece in _PIECES:
        before = _search(pattern, _make(piece, _SIZE))
        after = _search(pattern, _make(piece, _SIZE * _TIMES))
        assert after < max(_NOISE_S, before) * _MOST_GROWTH, repr(piece)


def _make(piece: str, size: int) -> str:
    return (piece * (size // len(piece) + 1))[:size] + "\x00"


def _search(pattern: re.Pattern[str] | re.Pattern[bytes], text: str) -> float:
    """Return the least processor time of three searches through all of a text."""
    best = float("inf")
    for _ in range(3):
        begun = time.thread_time()
        if isinstance(pattern.pattern, bytes):
            sum(1 for _ in pattern.finditer(text.encode()))
        else:
            sum(1 for _ in pattern.finditer(text))
        best = min(best, time.thread_time() - begun)
        if best < _NOISE_S:
            break
    return best

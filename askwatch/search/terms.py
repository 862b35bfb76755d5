"""What a person typed into the search field, as terms that every back end understands."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from askwatch.errors import InvalidRequestError
from askwatch.search.analysis import (
    COLUMNS,
    PLAIN,
    Word,
    columns_for,
    find_words,
    normal_language,
)
from askwatch.search.stopwords import ANY_LANGUAGE, STOP_WORDS

# More is no question but a text; each word costs a look-up per language.
WORD_LIMIT = 64
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
_QUOTED = re.compile(r'"([^"]*)"')


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or several that must be adjacent, as (column, tokens) alternatives."""

    alternatives: tuple[tuple[str, tuple[str, ...]], ...]


def read_terms(text: str, lang: str) -> list[Term]:
    """Return the terms of a question; all of them must occur in a document.

    Stop words outside quotation marks count only when there is nothing else. A quotation mark
    without its partner means nothing, and neither do signs, so that no text is an error.

    Raises:
        InvalidRequestError: More than `WORD_LIMIT` words.
    """
    text = text.translate(_QUOTES)
    phrases = [_tokens(quoted) for quoted in _QUOTED.findall(text)]
    loose = _tokens(_QUOTED.sub(" ", text))
    if len(loose) + sum(map(len, phrases)) > WORD_LIMIT:
        raise InvalidRequestError(f"search for at most {WORD_LIMIT} words at once")
    lang = normal_language(lang)
    stop_words = STOP_WORDS.get(lang, frozenset()) if lang else ANY_LANGUAGE
    telling = [word for word in loose if word[COLUMNS.index(PLAIN)] not in stop_words]
    if not telling and not any(phrases):
        telling = loose
    groups = [[word] for word in telling] + [phrase for phrase in phrases if phrase]
    columns = columns_for(lang)
    return list(dict.fromkeys(_make_term(group, columns) for group in groups))


def find_highlights(text: str, terms: Sequence[Term]) -> tuple[tuple[int, int], ...]:
    """Return where `terms` stand in `text`: ascending code point spans that do not overlap."""
    words = find_words(text) if terms else []
    spans = {
        span
        for term in terms
        for column, tokens in term.alternatives
        for span in _find_runs(words, column, tokens)
    }
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _tokens(text: str) -> list[tuple[str, ...]]:
    return [word.tokens for word in find_words(text)]


def _make_term(words: Sequence[tuple[str, ...]], columns: Sequence[str]) -> Term:
    return Term(
        tuple((column, tuple(word[COLUMNS.index(column)] for word in words)) for column in columns)
    )


def _find_runs(words: Sequence[Word], column: str, tokens: Sequence[str]) -> list[tuple[int, int]]:
    at, length = COLUMNS.index(column), len(tokens)
    first, wanted = tokens[0], tuple(tokens)
    return [
        (word.start, words[index + length - 1].end)
        for index, word in enumerate(words[: len(words) - length + 1])
        if word.tokens[at] == first
        and tuple(each.tokens[at] for each in words[index : index + length]) == wanted
    ]

"""Chooses the word pieces that our languages need, and builds the tokenizer of them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from nlp.training.encoder.pretrained import BEGINNING, END, SPECIAL_PIECES, UNKNOWN

_LANGUAGES = ("en", "da", "sv", "nb", "de")
_WORDS, _CAPITALISED, _CAPITALS = 60_000, 40_000, 4_000
_CAPITAL_SHARE = 0.1  # how often a frequent word is written so, roughly
_CORPUS_WEIGHT = 30.0  # a piece that stands once in the corpus, in occurrences per million
_LATIN, _SYMBOLS = 0x250, (0x2000, 0x2C00)
_EMOJI = 0x1F000


def build_tokenizer(pieces: Sequence[tuple[str, float]]) -> Any:
    """Return the tokenizer: NFKC, one space for many, unigram pieces, marks at both ends."""
    from tokenizers import (  # noqa: PLC0415 - only training needs all of it
        Regex,
        Tokenizer,
        models,
        normalizers,
        pre_tokenizers,
        processors,
    )

    tokenizer = Tokenizer(models.Unigram(list(pieces), unk_id=UNKNOWN, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Replace(Regex(r"\s+"), " "),
            normalizers.Strip(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    first, last = pieces[BEGINNING][0], pieces[END][0]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}", special_tokens=[(first, BEGINNING), (last, END)]
    )
    return tokenizer


def choose_pieces(
    pieces: Sequence[tuple[str, float]], texts: Iterable[str], most: int
) -> list[int]:
    """Return the numbers of the pieces to keep, ascending, the special ones first.

    Counted are the frequent words of the five languages (package wordfreq), also capitalised, and
    `texts`; the `most` frequent pieces stay, and every single Latin letter, digit, sign and emoji,
    of which any word can be put together.
    """
    tokenizer = build_tokenizer(pieces)
    counts: Counter[int] = Counter()
    for lang in _LANGUAGES:
        words, shares = _read_words(lang)
        _count(tokenizer, counts, words, shares)
        capitalised = [word.capitalize() for word in words[:_CAPITALISED]]
        _count(tokenizer, counts, capitalised, [share * _CAPITAL_SHARE for share in shares])
        capitals = [word.upper() for word in words[:_CAPITALS]]
        _count(tokenizer, counts, capitals, [share * _CAPITAL_SHARE for share in shares])
    numbers = [str(number) for number in range(2_100)]
    _count(tokenizer, counts, numbers, [1.0] * len(numbers))
    texts = list(texts)
    _count(tokenizer, counts, texts, [_CORPUS_WEIGHT] * len(texts))
    kept = {place for place, _ in counts.most_common(most)}
    kept.update(place for place, (piece, _) in enumerate(pieces) if _is_single(piece))
    kept.update(SPECIAL_PIECES)
    return sorted(kept)


def _read_words(lang: str) -> tuple[list[str], list[float]]:
    from wordfreq import top_n_list, word_frequency  # noqa: PLC0415 - in the extra only

    words: list[str] = top_n_list(lang, _WORDS)
    return words, [1e6 * word_frequency(word, lang) for word in words]


def _count(
    tokenizer: Any, counts: Counter[int], texts: Sequence[str], weights: Sequence[float]
) -> None:
    for encoding, weight in zip(tokenizer.encode_batch(texts), weights, strict=False):
        for place in encoding.ids:
            counts[place] += weight  # type: ignore[assignment]  # a count need not be whole


def _is_single(piece: str) -> bool:
    letter = piece.removeprefix("▁")
    if len(letter) > 1:
        return False
    code = ord(letter) if letter else 0
    return code < _LATIN or _SYMBOLS[0] <= code < _SYMBOLS[1] or code > _EMOJI

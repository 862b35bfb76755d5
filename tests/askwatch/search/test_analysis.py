"""Words become the same tokens however they are written."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askwatch.search.analysis import (
    COLUMNS,
    LANGUAGES,
    columns_for,
    find_words,
    fold,
    make_columns,
    normal_language,
    tokens_of,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Århus", "AARHUS"),
        ("A\u030arhus", "Århus"),
        ("København", "koebenhavn"),
        ("Bjørn", "Björn"),
        ("ære", "aere"),
        ("Straße", "STRASSE"),
        ("café", "cafe"),
        ("ﬁrma", "firma"),
        ("İstanbul", "istanbul"),
        ("company's", "company"),
        ("Mia’s", "mia"),
        ("don't", "dont"),
    ],
)
def test_spellings_fold_into_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("lang", "one", "other"),
    [
        ("da", "revisorer", "revisor"),
        ("da", "virksomhederne", "virksomhed"),
        ("da", "øjenlægerne", "oejenlaege"),
        ("en", "recommendations", "recommendation"),
        ("en", "companies", "company"),
        ("sv", "bokföringen", "bokfoering"),
        ("no", "anbefalingen", "anbefalinger"),
        ("no", "rørleggeren", "rørleggere"),
        ("de", "Häuser", "haus"),
        ("de", "neuen", "neue"),
    ],
)
def test_inflections_share_a_stem(lang: str, one: str, other: str) -> None:
    column = COLUMNS.index(lang)
    assert tokens_of(one)[column] == tokens_of(other)[column]


def test_words_know_where_they_stand() -> None:
    text = "Hej 🙂, kender I en IT-konsulent (C++/C#)?"
    assert [text[word.start : word.end] for word in find_words(text)] == [
        "Hej", "kender", "I", "en", "IT", "konsulent", "C++", "C#",
    ]  # fmt: skip


def test_all_columns_have_the_same_number_of_tokens() -> None:
    columns = make_columns("Et rødt hus og det andet")
    assert len(columns) == len(COLUMNS)
    assert {len(column.split(" ")) for column in columns} == {6}


def test_no_words_are_no_tokens() -> None:
    assert make_columns(" ?! 🙂 \x00") == ("",) * len(COLUMNS)


def test_a_question_looks_into_the_column_of_its_language() -> None:
    assert columns_for("da") == ("da",)
    assert columns_for("") == LANGUAGES
    assert columns_for("fr") == ("plain",)


@pytest.mark.parametrize(
    ("lang", "normal"), [("und", ""), ("nb", "no"), ("nn", "no"), ("en-GB", "en"), ("DA", "da")]
)
def test_languages_have_one_name(lang: str, normal: str) -> None:
    assert normal_language(lang) == normal


def test_long_words_are_cut_alike() -> None:
    assert tokens_of("x" * 500) == tokens_of("x" * 400)


@given(st.text(max_size=80))
def test_tokens_hold_no_separators_and_words_stand_in_order(text: str) -> None:
    end = 0
    for word in find_words(text):
        assert end <= word.start < word.end <= len(text)
        end = word.end
        for token in word.tokens:
            token.encode()
            assert token
            assert not any(sign.isspace() or sign in '"\x00' for sign in token)
    for column in make_columns(text):
        assert len(column.split()) == len(find_words(text))


def test_many_threads_stem_alike() -> None:
    words = [f"{stem}{number}erne" for number in range(40) for stem in ("revisor", "hus", "by")]
    expected = [tokens_of(word) for word in words]
    tokens_of.cache_clear()
    barrier = threading.Barrier(4)

    def stem(_number: int) -> list[tuple[str, ...]]:
        barrier.wait()
        return [tokens_of(word) for word in words]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(stem, range(4))) == [expected] * 4

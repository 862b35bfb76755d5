"""What people type becomes terms, and terms show where they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askwatch.errors import InvalidRequestError
from askwatch.search.analysis import fold
from askwatch.search.stopwords import ANY_LANGUAGE, STOP_WORDS
from askwatch.search.terms import find_highlights, read_terms


def plain(text: str, lang: str = "fr") -> list[str]:
    """Return the terms as they are without stems."""
    return [" ".join(term.alternatives[0][1]) for term in read_terms(text, lang)]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", []),
        ("?!", []),
        ("crm erp", ["crm", "erp"]),
        ("crm crm", ["crm"]),
        ('"crm system" pris', ["pris", "crm system"]),
        ("„crm system“ «a b»", ["crm system", "a b"]),
        ('crm "system', ["crm", "system"]),
        ('"" crm', ["crm"]),
        ("IT-konsulent", ["it", "konsulent"]),
    ],
)
def test_words_and_quoted_words_are_terms(text: str, terms: list[str]) -> None:
    assert plain(text) == terms


def test_stop_words_of_the_language_do_not_count() -> None:
    assert len(read_terms("kender I en god revisor", "da")) == 2
    assert len(read_terms("kender I en god revisor", "en")) == 4
    assert len(read_terms("does anyone know a good accountant", "")) == 2


def test_stop_words_count_when_there_is_nothing_else_or_they_are_quoted() -> None:
    assert len(read_terms("og i", "da")) == 2
    assert len(read_terms('"at være eller" god', "da")) == 2
    assert len(read_terms('og "crm system"', "da")) == 1


def test_a_word_that_says_something_in_another_language_counts_where_none_is_known() -> None:
    assert len(read_terms("war", "")) == 1
    assert len(read_terms("war room", "")) == 2
    assert len(read_terms("war Raum", "de")) == 1


def test_stop_words_are_written_folded() -> None:
    assert [word for word in ANY_LANGUAGE if fold(word) != word] == []
    assert all(len(words) > 50 for words in STOP_WORDS.values())


def test_too_many_words_are_refused() -> None:
    read_terms("a " * 64, "")
    with pytest.raises(InvalidRequestError, match="64 words"):
        read_terms("a " * 40 + '"' + "b " * 25 + '"', "")


def test_highlights_that_touch_stay_apart_and_those_that_overlap_become_one() -> None:
    text = "crm system crm systemer"
    assert find_highlights(text, read_terms("crm", "da")) == ((0, 3), (11, 14))
    assert find_highlights(text, read_terms('"crm system" crm', "da")) == ((0, 10), (11, 23))
    assert find_highlights(text, read_terms('"crm system" "system crm"', "da")) == ((0, 23),)


@given(st.text(max_size=200), st.text(max_size=60), st.sampled_from(["", "da", "en", "xx"]))
def test_highlights_are_spans_of_the_text_in_order(text: str, question: str, lang: str) -> None:
    end = 0
    for start, stop in find_highlights(text, read_terms(question, lang)):
        assert end <= start < stop <= len(text)
        end = stop

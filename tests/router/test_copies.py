"""Which posts are one ask, and which only look alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.copies import is_copy

LONG = (
    "We are a small bakery with three shops in Vejle and need a new till system that works with "
    "our scales and sends the figures of the day to the accountant. Who has one? Budget 2000."
)
OTHERS = "Somebody else asks for a lawyer in Ribe who speaks German. " * 6
FURTHER = " We have looked at four of them. None could print in Danish." * 4


@pytest.mark.parametrize(
    "second",
    [
        LONG.upper(),
        f"RT @baker: {LONG}",
        f"Fwd: Re: {LONG}",
        f"Hello everyone,\n\n{LONG}\n\nThanks in advance",
        f"{LONG}\n\nEDIT 2: solved, we took the blue one",
        f"Can somebody in my network help Lone?\n\n{LONG} #bakery #till https://example.org/1",
        LONG.replace("system that", "sytem taht").replace("accountant", "acountant"),
        f"{LONG[:110]}...",
        f"{LONG[:110]}… read more",
        LONG.replace(". ", ".\n\n").replace("till system", "tillsystem"),
    ],
)
def test_an_edited_or_shared_post_is_a_copy(second: str) -> None:
    assert is_copy(LONG, second)
    assert is_copy(second, LONG)


@pytest.mark.parametrize(
    "second",
    [
        LONG.replace("Vejle", "Kolding"),
        LONG.replace("bakery", "butchery"),
        LONG.replace("2000", "3000"),
        LONG.replace("till system", "web shop"),
        f"{OTHERS}{LONG} {OTHERS}",
        "",
    ],
)
def test_another_ask_in_nearly_the_same_words_is_none(second: str) -> None:
    assert not is_copy(LONG, second)
    assert not is_copy(second, LONG)


def test_a_cut_copy_of_a_long_post_is_a_copy_however_long_the_rest() -> None:
    assert is_copy(LONG[:110], LONG + FURTHER * 5)


def test_a_sentence_put_into_a_long_post_leaves_it_the_same() -> None:
    longer = LONG + FURTHER
    assert is_copy(longer, longer.replace("Who has one?", "It is not urgent. Who has one?"))


def test_in_a_long_post_one_word_may_be_another() -> None:
    longer = LONG + FURTHER
    assert is_copy(longer, longer.replace("small bakery", "little bakery"))
    assert not is_copy(longer, longer.replace("We have looked", "They have looked"))


@pytest.mark.parametrize(
    ("second", "is_same_author", "expected"),
    [
        ("Any good CRM?", False, False),
        ("any good crm? 🙏", True, True),
        ("RT @bo: Any good CRM?", False, True),
        ("Any goood CRM?", True, True),
        ("Any good ERP?", True, False),
        ("Any good CRM for schools?", True, False),
    ],
)
def test_a_short_question_needs_its_author_or_a_mark(
    second: str, *, is_same_author: bool, expected: bool
) -> None:
    assert is_copy("Any good CRM?", second, is_same_author=is_same_author) is expected


TEXTS = st.text(st.characters(exclude_categories=()), max_size=120)


@given(TEXTS, TEXTS)
def test_any_two_texts_can_be_compared_in_either_order(first: str, second: str) -> None:
    assert is_copy(first, second) in {True, False}
    assert is_copy(first, first, is_same_author=True) or not is_copy(first, first)

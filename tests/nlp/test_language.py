"""The language of short and long posts."""

import pytest

from nlp.language import UNKNOWN, LanguageGuesser
from nlp.words import split_words


@pytest.fixture(scope="module")
def guesser() -> LanguageGuesser:
    return LanguageGuesser()


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Er der nogen der kender en god revisor i Aarhus?", "da"),
        ("søger en dygtig tømrer", "da"),
        ("Can anyone recommend a CRM for a small team?", "en"),
        ("any good crm", "en"),
        ("Kan noen anbefale en god regnskapsfører? Vi trenger hjelp med noe nå", "no"),
        ("Någon som kan rekommendera en bra redovisningsbyrå?", "sv"),
        ("Kennt jemand einen guten Steuerberater in Hamburg?", "de"),
        ("Quelqu'un peut-il recommander un bon comptable à Lyon pour notre entreprise ?", "fr"),
    ],
)
def test_the_language_is_told(guesser: LanguageGuesser, text: str, lang: str) -> None:
    lower = text.lower()
    assert guesser.guess(lower, split_words(lower).words) == lang


@pytest.mark.parametrize("text", ["", "123 456", "?!", "🙂🙂", "ok"])
def test_too_few_letters_tell_nothing(guesser: LanguageGuesser, text: str) -> None:
    assert guesser.guess(text, split_words(text).words) == UNKNOWN

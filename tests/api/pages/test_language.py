"""Which language is spoken, and that nothing is left untranslated."""

import re

import pytest
from babel.messages.pofile import read_po

from api.pages.language import catalogue_path, choose_locale, load_catalogues
from tests.api.pages.messages import find_messages

_VALUE = re.compile(r"%\(\w+\)[sd]")
# LOOK's table of words, to the letter.
AGREED = {
    "For you now": "Til dig nu",
    "You, because": "Du, fordi",
    "I'll take it": "Jeg tager den",
    "Pass on": "Giv videre",
    "Not for me": "Ikke noget for mig",
    "Answered": "Besvaret",
    "Opportunity feed": "Muligheder",
    "Hand in a post": "Del et opslag",
    "Snooze": "Udsæt",
    "waiting": "venter",
    "taken": "taget",
    "answered": "besvaret",
    "gone": "væk",
    "Someone is asking about %(topic)s": "Nogen spørger om %(topic)s",
    "Taken by %(name)s, %(age)s ago": "Taget af %(name)s for %(age)s siden",
}


@pytest.mark.parametrize(
    ("wanted", "header", "spoken"),
    [
        ("da", "en", "da"),
        ("", "da-DK,da;q=0.9,en;q=0.8", "da"),
        ("", "de,nb;q=0.7,en;q=0.5", "da"),
        ("", "en-GB", "en"),
        ("", "fr;q=1, da;q=broken", "en"),
        ("", "da;q=0", "en"),
        ("sv", "", "en"),
    ],
)
def test_a_person_is_spoken_to_in_their_language(wanted: str, header: str, spoken: str) -> None:
    assert choose_locale(wanted, header) == spoken


def read_danish() -> dict[str, tuple[str, ...]]:
    """Return every English sentence of the catalogue with its Danish forms."""
    with catalogue_path("da").open("rb") as file:
        entries = [entry for entry in read_po(file, locale="da") if entry.id]
    return {
        entry.id if isinstance(entry.id, str) else entry.id[0]: (
            (entry.string,) if isinstance(entry.string, str) else tuple(entry.string or ())
        )
        for entry in entries
    }


def test_every_sentence_of_the_pages_is_there_in_danish() -> None:
    danish = read_danish()
    for place, said in find_messages():
        english = said if isinstance(said, str) else said[0]
        assert all(danish.get(english) or [""]), f"{place}: {english}"
        for form in danish[english]:
            assert set(_VALUE.findall(english)) == set(_VALUE.findall(form)), english


def test_no_danish_sentence_is_left_over() -> None:
    said = {each if isinstance(each, str) else each[0] for _, each in find_messages()}
    assert set(read_danish()) - said == set()


def test_the_agreed_words_are_used_to_the_letter() -> None:
    danish = load_catalogues()["da"]
    assert {english: danish.gettext(english) for english in AGREED} == AGREED
    said = {each for _, each in find_messages() if isinstance(each, str)}
    assert set(AGREED) <= said


def test_an_expert_never_reads_the_word_lead() -> None:
    for _, said in find_messages():
        for form in (said,) if isinstance(said, str) else said:
            assert not re.search(r"\bleads?\b", form, re.IGNORECASE), form


def test_sentences_do_not_shout() -> None:
    assert [said for _, said in find_messages() if "!" in str(said)] == []

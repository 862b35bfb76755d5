"""Left-overs of HTML and look-alike letters."""

import pytest

from nlp.markup import blank_tags, resolve_references, undisguise
from nlp.normalise import normalise


def test_tags_of_running_text_become_spaces_and_line_breaks() -> None:
    blanked = blank_tags('Need <b>a CRM</b>.<br/><p class="x">Any tips?</p>')
    assert len(blanked) == len('Need <b>a CRM</b>.<br/><p class="x">Any tips?</p>')
    assert blanked.split() == ["Need", "a", "CRM", ".", "Any", "tips?"]
    assert blanked.count("\n") == 3


@pytest.mark.parametrize("text", ["a <table> in <b>bold</b>", "if a <b and c> d", "<?php echo 1"])
def test_a_post_about_html_keeps_it(text: str) -> None:
    assert blank_tags(text) == text


def test_references_become_characters_with_their_places() -> None:
    text = "R&amp;D can&#x27;t; caf&eacute; &amp;quot;x"
    normal = normalise(text)
    assert normal.text == "R&D can't; café \"x"
    start = normal.text.index("café")
    assert text[slice(*normal.span(start, start + 4))] == "caf&eacute;"


@pytest.mark.parametrize("text", ["AT&T; M&S", "a & b", "&nonsense; &", "&#9999999999;"])
def test_what_is_no_reference_stays(text: str) -> None:
    assert normalise(text).text == text


def test_without_references_nothing_is_counted() -> None:
    assert resolve_references("a & b") is None


def test_an_escaped_quote_is_a_quote() -> None:
    assert normalise("&gt; who sells bikes?\nWe do.").text.split() == ["We", "do."]


def test_look_alike_letters_in_a_latin_word_are_read_as_latin() -> None:
    assert undisguise("r\u0435comm\u0435nd \u0430 CRM") == "recommend \u0430 CRM"


def test_words_of_other_scripts_stay() -> None:
    text = "\u043d\u0443\u0436\u0435\u043d CRM, \u03bf \u03bb\u03bf\u03b3\u03b9\u03c3"
    assert undisguise(text) == text

"""Plain text with a way back to the original."""

from hypothesis import given
from hypothesis import strategies as st

from nlp.normalise import lighten, normalise

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=300)


def test_quotes_dashes_and_spaces_become_plain_at_their_places() -> None:
    normal = normalise("Don’t – “pay”\u00a0now")
    assert normal.text == 'Don\'t - "pay" now'
    assert normal.origins is None


def test_zero_width_characters_vanish_and_places_point_to_the_original() -> None:
    text = "rec\u200bom\u200dmend a CRM"
    normal = normalise(text)
    assert normal.lower == "recommend a crm"
    assert normal.span(0, 9) == (0, 11)
    assert text[slice(*normal.span(12, 15))] == "CRM"


def test_a_letter_with_a_separate_ring_is_one_letter() -> None:
    assert normalise("A\u030alborg").text == "Ålborg"


def test_stacked_marks_are_taken_off() -> None:
    assert normalise("h" + "\u0353\u0354\u0355" * 20 + "i").text == "hi"


def test_letters_in_fancy_dress_are_read_as_letters() -> None:
    assert normalise("ｎｅｅｄ 𝗖𝗥𝗠").lower == "need crm"


def test_lone_surrogates_and_control_characters_are_replaced() -> None:
    assert normalise("a\ud800b\x00c").text == "a\ufffdb c"


def test_lowering_never_moves_a_character() -> None:
    normal = normalise("İstanbul OFFICE")
    assert len(normal.lower) == len(normal.text)
    assert normal.lower.endswith("office")


def test_long_texts_are_cut() -> None:
    assert len(normalise("a" * 1_000_000).text) == 20_000
    assert len(lighten("A" * 1_000_000)) == 20_000


@given(ANY_TEXT)
def test_every_span_lies_in_the_original(text: str) -> None:
    normal = normalise(text)
    assert len(normal.lower) == len(normal.text)
    for place in range(len(normal.text)):
        start, end = normal.span(place, place + 1)
        assert 0 <= start < end <= len(text)

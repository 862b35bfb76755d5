"""A post's text in pieces."""

from hypothesis import given
from hypothesis import strategies as st

from api.pages.quote import Piece, cut, excerpt, excerpt_around


def test_marked_spans_stand_apart() -> None:
    assert cut("Any good plumber?", [(4, 8, "need"), (9, 16, "topic")]) == [
        Piece("Any "), Piece("good", "need"), Piece(" "), Piece("plumber", "topic"), Piece("?"),
    ]  # fmt: skip


def test_overlapping_spans_share_the_text() -> None:
    assert cut("abcdef", [(0, 4, "a"), (2, 6, "b")]) == [Piece("abcd", "a"), Piece("ef", "b")]


@given(
    st.text(),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 60), st.sampled_from("xy"))),
)
def test_no_letter_is_ever_lost(text: str, spans: list[tuple[int, int, str]]) -> None:
    assert "".join(piece.text for piece in cut(text, spans)) == text


def test_an_excerpt_is_one_line_cut_between_words() -> None:
    assert excerpt("short\n\ntext") == "short text"
    assert excerpt("word " * 60, 22) == "word word word word…"
    assert excerpt("x" * 500, 10) == "xxxxxxxxxx…"


def test_an_excerpt_shows_its_match() -> None:
    text = "A long beginning that nobody has asked for, but then Keycloak comes up.\nAnd more."
    start = text.index("Keycloak")
    pieces = excerpt_around(text, [(start, start + 8)], limit=60)
    assert pieces[0] == Piece("… ")
    assert Piece("Keycloak", "match") in pieces
    assert "\n" not in "".join(piece.text for piece in pieces)


def test_a_short_text_is_shown_whole() -> None:
    assert excerpt_around("Any plumber?", []) == [Piece("Any plumber?")]
    assert excerpt_around("", []) == []


def test_a_long_text_is_cut_behind_a_word() -> None:
    text = "Any plumber in Aarhus who can come today or tomorrow?"
    assert excerpt_around(text, [], limit=30) == [
        Piece("Any plumber in Aarhus who can"),
        Piece("…"),
    ]
    assert excerpt_around("x" * 40, [], limit=30)[-1] == Piece("…")

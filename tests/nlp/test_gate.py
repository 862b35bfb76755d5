"""The gate: single words and cues."""

from nlp.gate import Cues, Gate, gate_words, read_cues

CUES = Cues(frozenset({"?", "need"}), frozenset({"recom"}))
GATE = Gate({"crm": 2.0, "lol": -3.0}, -1.0, 1.0, 0.5, 0.0, CUES)


def test_words_are_read_without_marks() -> None:
    assert gate_words("need, a crm?") == {"need", "a", "crm", "?"}


def test_cues_count_words_and_beginnings() -> None:
    assert CUES.count(gate_words("any recommendations?")) == 2
    assert CUES.count(gate_words("lol")) == 0


def test_an_ask_passes_and_chatter_does_not() -> None:
    assert GATE.opens("need a crm?")
    assert not GATE.opens("lol")


def test_one_cue_weighs_less_than_two() -> None:
    assert GATE.score("need") < GATE.score("need ?")


def test_a_text_of_one_letter_is_scored_quickly_and_dropped() -> None:
    assert not GATE.opens("a" * 20_000)


def test_the_shipped_cues_can_be_read() -> None:
    cues = read_cues()
    assert "?" in cues.words
    assert "anbef" in cues.beginnings

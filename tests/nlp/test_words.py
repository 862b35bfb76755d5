"""Words and sentences with their places."""

from nlp.words import MENTION, URL, WORDS_IN_SENTENCE, phrase_words, split_words


def test_words_keep_hyphens_apostrophes_and_language_names() -> None:
    words = split_words("we don't do it-support in c++ or c#")
    assert words.words == ["we", "don't", "do", "it-support", "in", "c++", "or", "c#"]


def test_links_and_mentions_become_one_word_each() -> None:
    words = split_words("ask @anna, see https://example.org/a?b=c now")
    assert words.words == ["ask", MENTION, "see", URL, "now"]


def test_places_point_to_the_text() -> None:
    text = "kender i en god revisor?"
    words = split_words(text)
    start, end = words.span(3, 5)
    assert text[start:end] == "god revisor"


def test_sentences_end_at_marks_and_line_breaks() -> None:
    words = split_words("hello all! we need a crm. any tips?\nthanks")
    texts = [words.words[each.first : each.last] for each in words.sentences]
    assert texts == [
        ["hello", "all", "!"],
        ["we", "need", "a", "crm"],
        ["any", "tips", "?"],
        ["thanks"],
    ]


def test_a_text_without_marks_is_cut_into_windows() -> None:
    words = split_words("word " * 100)
    assert all(each.last - each.first <= WORDS_IN_SENTENCE for each in words.sentences)
    assert words.sentences[-1].last == 100


def test_an_empty_text_has_nothing() -> None:
    words = split_words("")
    assert (words.words, words.sentences) == ([], [])


def test_a_phrase_is_split_as_a_text_would_be() -> None:
    assert phrase_words("E-mail Marketing") == ("e-mail", "marketing")

"""What somebody else said in a post, and signatures, are not read as the author's words."""

import pytest

from nlp.normalise import normalise


def left(text: str) -> list[str]:
    """Return the lines that are left of a text, after checking that nothing moved."""
    normal = normalise(text)
    assert len(normal.text) == len(text)
    return [line.strip() for line in normal.text.split("\n") if line.strip()]


def test_a_quoted_ask_is_not_the_answering_authors() -> None:
    text = "> Kender nogen en god revisor?\n\nVi bruger Hansen i Vejle."
    assert left(text) == ["Vi bruger Hansen i Vejle."]


@pytest.mark.parametrize(
    "attribution",
    [
        "Pia skrev:",
        "On Tue, 4 Mar 2008 20:11:02 +0100, Ole wrote:",
        '"Niels" <niels@mail.example> skrev i en meddelelse',
        '"Niels" <niels@mail.example> wrote in\nmessage news:41ab@news.example...',
        "Am 3.4.2009 um 10 Uhr schrieb Frank Meier:",
        'On Tue, 11 Feb 2003 19:22:41, "Kaj"\nwrote:',
        "Citat:",
    ],
)
@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_the_line_that_names_the_quoted_author_goes_with_the_quote(
    attribution: str, between: str
) -> None:
    text = f"Re: Backup\n{attribution}{between}> who sells good backups?\n>> us\nNobody does."
    assert left(text) == ["Re: Backup", "Nobody does."]


@pytest.mark.parametrize(
    "line",
    [
        "Have you read what my boss wrote?",
        "We asked Jensen last year and he has not been heard of since that cold day in November",
        "Our needs:",
    ],
)
def test_a_sentence_of_the_author_above_a_quote_stays(line: str) -> None:
    assert left(f"{line}\n> a quote") == [line]


def test_a_post_that_is_a_quote_alone_is_what_its_author_says() -> None:
    text = "> need an accountant in Vejle\n> start in May"
    assert normalise(text).text == text


def test_with_a_name_above_it_a_quote_alone_is_another_authors() -> None:
    assert left("Ole wrote:\n> need an accountant in Vejle") == []


@pytest.mark.parametrize("text", [">:( no reply", ">>> wanted <<<", "a\n>.< ouch", "->x"])
def test_faces_and_decoration_are_no_quotes(text: str) -> None:
    assert normalise(text).text == text


def test_the_mail_answered_above_it_is_a_quote() -> None:
    text = "We can help.\n-----Original Message-----\nFrom: Bo\nWho sells bikes?"
    assert left(text) == ["We can help."]


def test_a_forwarded_ask_with_nothing_above_it_stays() -> None:
    text = "-----Oprindelig meddelelse-----\nHvem sælger cykler?"
    assert normalise(text).text == text


def test_a_quote_in_brackets_goes_with_all_inside_it() -> None:
    text = "[QUOTE=Ole]who [quote]sells[/quote] bikes?[/quote] We do. [quote] sold"
    assert left(text) == ["We do. [quote] sold"]


def test_a_signature_is_not_read() -> None:
    text = 'Any good hosting?\n\n-- \nOle, Vejle\n"I sell nothing"'
    assert left(text) == ["Any good hosting?"]


@pytest.mark.parametrize(
    "tail",
    [
        "Who sells bikes?",
        "one\ntwo\nthree\nfour\nfive",
        "We need somebody who can mend forty bikes before the season opens, here in Vejle or near",
    ],
)
def test_what_does_not_look_like_a_signature_stays(tail: str) -> None:
    text = f"Hello all\n--\n{tail}"
    assert normalise(text).text == text


def test_the_name_of_a_telephone_is_a_signature() -> None:
    assert left("Any good CRM?\nSent from my iPhone") == ["Any good CRM?"]


def test_places_behind_a_quote_point_to_the_original() -> None:
    text = "> who?\nneed a\u200b CRM"
    normal = normalise(text)
    start = normal.text.index("CRM")
    assert text[slice(*normal.span(start, start + 3))] == "CRM"

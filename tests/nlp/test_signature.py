"""Near-duplicate bands."""

from nlp.signature import BANDS, MOST_KEYS, Signer

LONG = (
    "we are a small bakery with three shops and need a new till system that works with our scales "
    "and sends the day's figures to the accountant without anybody typing them in again"
)


def test_the_same_text_gives_the_same_keys_in_every_process() -> None:
    assert Signer().sign(LONG) == Signer().sign(LONG)


def test_an_exact_copy_with_link_and_mention_shares_the_first_key() -> None:
    signer = Signer()
    assert signer.sign(LONG)[0] == signer.sign(f"@bakers {LONG}! https://example.org #tills")[0]


def test_a_lightly_edited_copy_shares_a_band() -> None:
    signer = Signer()
    edited = LONG.replace("three shops", "four shops") + " thanks"
    assert set(signer.sign(LONG)) & set(signer.sign(edited))


def test_other_posts_share_nothing() -> None:
    signer = Signer()
    other = (
        "does anyone know a good accountant for a small bakery with three shops near the harbour "
        "who can start before the summer and does not mind flour on the invoices"
    )
    assert not set(signer.sign(LONG)) & set(signer.sign(other))


def test_short_questions_that_differ_in_one_word_meet() -> None:
    signer = Signer()
    first = set(signer.sign("anyone know a good accountant in odense?"))
    assert first & set(signer.sign("anyone know a good acountant in odense"))
    assert first & set(signer.sign("anyone know a good accountant in odense please"))
    assert not first & set(signer.sign("who knows a good lawyer near ribe?"))


def test_a_cut_copy_shares_its_beginning() -> None:
    signer = Signer()
    assert set(signer.sign(LONG)) & set(signer.sign(f"{LONG[:75]}..."))


def test_a_copy_with_a_comment_before_it_shares_a_sentence() -> None:
    signer = Signer()
    comment = "my neighbour wants to know this and I have no idea, perhaps one of you can help her?"
    assert set(signer.sign(LONG)) & set(signer.sign(f"{comment} {comment} {comment}\n{LONG}"))


def test_there_are_never_more_keys_than_the_most() -> None:
    assert BANDS < len(Signer().sign(LONG)) <= MOST_KEYS
    assert len(Signer().sign(". ".join([LONG] * 20))) <= MOST_KEYS


def test_keys_are_short_and_a_text_without_words_has_none() -> None:
    assert max(map(len, Signer().sign(LONG))) <= 40
    assert Signer().sign("?! 🙂") == ()

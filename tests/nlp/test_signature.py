"""Near-duplicate bands."""

from nlp.signature import BANDS, Signer

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


def test_a_short_question_has_the_exact_key_alone() -> None:
    assert len(Signer().sign("any good crm?")) == 1
    assert len(Signer().sign(LONG)) == BANDS + 1


def test_keys_are_short_and_a_text_without_words_has_none() -> None:
    assert max(map(len, Signer().sign(LONG))) <= 40
    assert Signer().sign("?! 🙂") == ()

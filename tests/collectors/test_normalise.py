"""What a source sent becomes clean text, sane dates and bounded sizes."""

from datetime import UTC, datetime, timedelta
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askwatch.model.ids import SourceId
from askwatch.model.post import TEXT_LIMIT, Post
from collectors.normalise import (
    MARKUP_LIMIT,
    POST_ID_LIMIT,
    Draft,
    RefusedPostError,
    choose_post_id,
    clean_text,
    hash_content,
    html_to_text,
    normalise,
    sane_date,
)
from tests.collectors.builders import NOW

FEED = SourceId("feed")


def take(**changes: object) -> Post:
    draft = Draft(**({"post_id": "1", "text": "Hej"} | changes))  # type: ignore[arg-type]  # a test's own fields
    return normalise(draft, source_id=FEED, now=NOW)


def test_a_post_keeps_what_its_source_said() -> None:
    post = take(
        url=" https://forum.example/1 ",
        title="Revisor\nsøges",
        text="Kender nogen en?",
        author_id="anna",
        author_name="Anna",
        author_url="https://forum.example/anna",
        lang="da-DK",
        place="Aarhus",
        in_reply_to="0",
        published_at=NOW - timedelta(hours=2),
        edited_at=NOW - timedelta(hours=1),
    )
    assert (post.url, post.title) == ("https://forum.example/1", "Revisor søges")
    assert (post.lang_hint, post.place, post.in_reply_to) == ("da", "Aarhus", "0")
    assert (post.author.author_id, post.author.name) == ("anna", "Anna")
    assert post.edited_at == NOW - timedelta(hours=1)
    assert not post.is_truncated


@pytest.mark.parametrize("text", ["", " \n\t ", "\x00\x01", "\u202e\u2066", "\ufeff"])
def test_a_post_without_words_is_refused(text: str) -> None:
    with pytest.raises(RefusedPostError, match="empty"):
        take(text=text)


def test_html_without_words_is_refused() -> None:
    with pytest.raises(RefusedPostError):
        take(text="<p><img src='x'></p><script>alert('ask')</script>", is_html=True)


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("a\x00b\x08c", "abc"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\tb", "a\tb"),
        ("\u202eevil\u202c", "evil"),
        ("e\u0301\u0302\u0303", "e\u0301\u0302\u0303"),
        ("Z" + "\u0301" * 60, "Z\u0301\u0301\u0301"),
        ("\ud800half a character", "half a character"),
        ("שלום عالم 日本 👋🏽", "שלום عالم 日本 👋🏽"),
        ("blødt\u00admellemrum\u00a0", "blødt\u00admellemrum"),
        ("x" * (MARKUP_LIMIT + 5), "x" * MARKUP_LIMIT),
    ],
)
def test_characters_that_no_reader_wants_are_taken_out(given_text: str, expected: str) -> None:
    assert clean_text(given_text) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("plain & simple", "plain & simple"),
        ("<p>One</p><p>Two<br>Three</p>", "One\nTwo\nThree"),
        ("AT&amp;T &lt;3 caf&eacute;", "AT&T <3 café"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("<b>bold", "bold"),
        ("<style>p{}</style><p onclick='x()'>Ask</p><!-- no -->", "Ask"),
        ("<p>a</p>\n\n\n\n<p>b</p>", "a\n\nb"),
        ("a&#0;b &nbsp; c", "a\ufffdb c"),
    ],
)
def test_markup_becomes_words(markup: str, expected: str) -> None:
    assert html_to_text(markup) == expected


@pytest.mark.parametrize(
    "tag", ["<div>", "<i>", "<div a='<'>", "<p", "<", "<table><a href=x>", "&lt;"]
)
def test_a_bomb_of_markup_is_over_in_a_moment(tag: str) -> None:
    began_s = thread_time()
    html_to_text("Kender nogen en revisor? " + tag * 400_000)
    # 80 000 nested tags once took half a minute; on a busy machine this takes 0.2 s.
    assert thread_time() - began_s < 3.0


def test_words_between_very_many_tags_are_kept() -> None:
    assert (
        html_to_text("<div>" * 5_000 + "Kender nogen<br>en revisor?") == "Kender nogen\nen revisor?"
    )


@given(st.text(max_size=400))
def test_no_text_breaks_the_cleaning(text: str) -> None:
    for clean in (clean_text(text), html_to_text(text)):
        assert "\x00" not in clean
        clean.encode()


@given(st.text(max_size=200))
def test_clean_text_is_clean(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)


def test_a_long_text_is_cut_and_says_so() -> None:
    post = take(text="x" * (TEXT_LIMIT + 1))
    assert (len(post.text), post.is_truncated) == (TEXT_LIMIT, True)
    assert take(text="<p>x</p>" + "<i>" * MARKUP_LIMIT, is_html=True).is_truncated


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        (None, NOW),
        (NOW + timedelta(days=300), NOW),
        (NOW + timedelta(minutes=3), NOW),
        (datetime(1, 1, 1, tzinfo=UTC), NOW),
        (datetime(2026, 3, 1, 12, 0), datetime(2026, 3, 1, 12, 0, tzinfo=UTC)),  # noqa: DTZ001 - what is tested
    ],
)
def test_a_date_that_cannot_be_true_is_now(date: datetime | None, expected: datetime) -> None:
    assert sane_date(date, NOW) == expected


@pytest.mark.parametrize("days", [-2, 1])
def test_an_edit_before_the_post_or_in_the_future_is_none(days: int) -> None:
    post = take(published_at=NOW - timedelta(days=1), edited_at=NOW + timedelta(days=days))
    assert post.edited_at is None


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "/t/1", "https://x.example/a b", "https://x.example/" + "a" * 2_000],
)
def test_what_is_no_web_address_is_no_link(url: str) -> None:
    assert take(url=url, author_url=url).url == ""
    assert take(url=url, author_url=url).author.url == ""


def test_an_id_is_the_sources_own_then_the_link_then_the_words() -> None:
    assert take(post_id="7", url="https://x.example/7").post_id == "7"
    assert take(post_id="", url="https://x.example/7").post_id == "https://x.example/7"
    nameless = take(post_id="")
    assert nameless.post_id == take(post_id="").post_id
    assert nameless.post_id != take(post_id="", text="Hej igen").post_id


@pytest.mark.parametrize("odd", ["a\nb", "a\x00b", "x" * (POST_ID_LIMIT + 1)])
def test_an_id_that_no_key_should_have_is_hashed(odd: str) -> None:
    assert len(choose_post_id(odd)) == 32
    assert choose_post_id("tag:forum.example,2026:1") == "tag:forum.example,2026:1"


def test_only_words_make_an_edit() -> None:
    assert hash_content(take(place="a")) == hash_content(take(place="b"))
    assert hash_content(take(text="a")) != hash_content(take(text="b"))
    assert hash_content(take(title="a")) != hash_content(take(title="b"))

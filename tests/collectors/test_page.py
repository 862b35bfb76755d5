"""What a page that a colleague handed in says."""

from datetime import UTC, datetime

import pytest

from collectors.fetch import FetchError
from collectors.hand_in_post import is_too_short
from collectors.page import read_page

ASK = "Kender nogen en god revisor i Aarhus, der tager små foreninger?"
HTML = "text/html; charset=utf-8"


def read(markup: str, content_type: str = HTML) -> tuple[str, str]:
    page = read_page(markup.encode(), content_type=content_type)
    return page.title, page.text


def test_title_and_article_are_found_among_the_rest() -> None:
    title, text = read(
        "<html><head><title>Revisor? - Forum</title><meta property='og:title' content='Revisor?'>"
        "<meta property='article:published_time' content='2026-03-01T10:00:00'></head><body>"
        "<nav>Forside Om os Kontakt og mange andre punkter i en lang menu</nav>"
        f"<article><h1>Revisor?</h1><p>{ASK}</p><script>track()</script></article>"
        "<article>Svar: ja, prøv Petersen, de er gode til foreninger</article>"
        "<footer>Copyright</footer></body></html>"
    )
    assert title == "Revisor?"
    assert text == f"Revisor?\n{ASK}"


@pytest.mark.parametrize(
    "frame",
    ["<main>{}</main>", "<div itemprop='text'>{}</div>", "<div role='main'>{}</div>", "<p>{}</p>"],
)
def test_the_main_part_is_found_in_many_frames(frame: str) -> None:
    assert read(f"<html><body><header>Menu</header>{frame.format(ASK)}</body></html>") == ("", ASK)


def test_a_page_that_only_scripts_fill_is_known_by_its_description() -> None:
    title, text = read(
        f"<html><head><title>App</title><meta name='description' content='{ASK}'></head>"
        "<body><div id='root'></div><noscript>Slå JavaScript til for at se denne side nu</noscript>"
    )
    assert (title, text) == ("App", ASK)


def test_times_of_publication_are_read_where_they_make_sense() -> None:
    def published(given: str) -> datetime | None:
        markup = f"<meta property='article:published_time' content='{given}'><p>{ASK}"
        return read_page(markup.encode(), content_type=HTML).published_at

    assert published("2026-03-01T10:00:00+01:00") == datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    assert published("2026-03-01T10:00:00") == datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
    assert published("i går") is None


def test_a_text_file_is_a_page_without_a_title() -> None:
    assert read(ASK, "text/plain; charset=utf-8") == ("", ASK)


def test_the_declared_encoding_is_used() -> None:
    markup = f"<html><head><meta charset='iso-8859-1'></head><body><p>{ASK}</p>"
    assert read_page(markup.encode("iso-8859-1"), content_type="text/html").text == ASK


@pytest.mark.parametrize(
    ("content_type", "said"), [("application/pdf", "application/pdf"), ("", "of no type")]
)
def test_a_file_is_no_page(content_type: str, said: str) -> None:
    with pytest.raises(FetchError, match=said):
        read(ASK, content_type)


def test_a_page_that_reserves_its_text_is_not_read() -> None:
    with pytest.raises(FetchError, match="reserves its texts"):
        read(f"<meta name='tdm-reservation' content='1'><p>{ASK}</p>")


@pytest.mark.parametrize(
    "markup", ["", " ", "<", "<div>" * 100_000, "\x00" * 1_000, "<!--" * 50_000]
)
def test_bombs_and_rubbish_are_pages_without_text(markup: str) -> None:
    assert is_too_short(read(markup)[1])

"""Feeds that are none, broken, enormous or hostile: each is told, and none does harm."""

import gzip
from datetime import UTC, datetime, timedelta

import pytest

from askwatch.clock import ManualClock
from tests.collectors.feeds import ASK, MORNING, Bench, Entry, errors, rss

HTML = "<!doctype html><html><head><title>x</title>%s</head><body><p>Hej</p></body></html>"


@pytest.mark.parametrize(
    ("body", "content_type", "reason", "said"),
    [
        (HTML % "", "text/html", "not_a_feed", "web page, not with a feed: look for"),
        (
            HTML % '<link rel="alternate" type="application/rss+xml" href="/rss.xml">',
            "text/html",
            "not_a_feed",
            "/rss.xml as its feed",
        ),
        ("<html>" + "<div>" * 200_000, "text/html", "not_a_feed", "web page"),
        ("<sitemapindex/>", "application/xml", "not_a_feed", "no feed (<sitemapindex>)"),
        ("", "application/xml", "not_a_feed", "answers with nothing"),
        ("just words", "text/plain", "not_a_feed", "something that is no feed"),
        (
            b"\x89PNG\r\n\x1a\n" + b"\0" * 500,
            "image/png",
            "not_a_feed",
            "something that is no feed",
        ),
        ("<rss><channel><title>x", "application/xml", "broken_xml", "XML of the feed is broken"),
        ("{" + '"a": ' * 1000, "application/json", "broken_json", "not readable JSON"),
        ('{"items": []}', "application/json", "not_a_feed", 'no "version"'),
        ("[1, 2]", "application/json", "not_a_feed", 'no "version"'),
        (
            '{"version": "https://jsonfeed.org/version/1", "items": 1}',
            "application/json",
            "broken_json",
            'no list of "items"',
        ),
        ("[" * 100_000, "application/json", "broken_json", "not readable JSON"),
        ("<rss>" + " " * 300_000 + "<item/></rss>", "text/xml", "not_a_feed", "first 256 kB"),
    ],
)
def test_what_is_no_feed_is_told_in_the_row(
    bench: Bench, body: str | bytes, content_type: str, reason: str, said: str
) -> None:
    before = errors(reason)
    bench.serve(body, Content_Type=content_type)
    assert bench.read() == []
    status = bench.row.status
    assert (status.state, status.errors) == ("failing", 1)
    assert said in status.last_error
    assert errors(reason) == before + 1


def test_what_can_be_read_of_broken_xml_is_read(bench: Bench) -> None:
    body = rss(("a", ASK, MORNING), ("b", "AT&T " + ASK, MORNING)).replace("</rss>", "")
    bench.serve(body)
    assert {record.post_id for record in bench.read()} == {"a", "b"}
    status = bench.row.status
    assert status.state == "running"
    assert "the XML of the feed is broken in line 2" in status.last_error


def test_entity_bombs_do_not_blow_up(bench: Bench) -> None:
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    bench.serve(
        f'<!DOCTYPE rss [<!ENTITY a0 "{"x" * 100}">{bomb}]>'
        f"<rss><channel><item><guid>1</guid><title>{ASK} &a11;</title></item></channel></rss>"
    )
    for record in bench.read():
        assert record.post is not None
        assert len(record.post.title) < 1_000


def test_an_html_bomb_in_an_entry_is_cut(bench: Bench) -> None:
    bench.serve(rss(("a", ASK, MORNING)).replace("&lt;p&gt;", "&lt;div&gt;" * 150_000, 1))
    (record,) = bench.read()
    assert record.post is not None
    assert record.post.is_truncated


def test_an_entry_that_is_a_book_is_left_out_and_the_rest_read(bench: Bench) -> None:
    bench.serve(rss(("a", "bog " * 700_000, MORNING), ("b", ASK, MORNING)))
    assert [record.post_id for record in bench.read()] == ["b"]
    assert "an entry of more than 2 MiB was left out" in bench.row.status.last_error


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252", "utf-16", "utf-8-sig"])
def test_every_encoding_that_a_feed_declares_is_read(bench: Bench, encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    body = f'<?xml version="1.0" encoding="{declared}"?>' + rss(("a", "Rød grød på øen?", MORNING))
    bench.serve(body.encode(encoding), Content_Type="application/xml")
    (record,) = bench.read()
    assert record.post is not None
    assert record.post.text == "Rød grød på øen?"


def test_a_wrong_encoding_is_read_as_well_as_can_be(bench: Bench) -> None:
    body = '<?xml version="1.0" encoding="utf-8"?>' + rss(("a", "Rød grød på øen?", MORNING))
    bench.serve(body.encode("iso-8859-1"), Content_Type="application/xml; charset=utf-8")
    (record,) = bench.read()
    assert record.post is not None
    assert record.post.text == "Rød grød på øen?"


def test_odd_dates_nul_bytes_and_odd_scripts_do_no_harm(bench: Bench, clock: ManualClock) -> None:
    future, ancient = "Mon, 02 Mar 2099 08:00:00 GMT", "Mon, 01 Jan 0001 00:00:00 GMT"
    zalgo = "Z" + "\u0301" * 50 + "algo spørger: " + ASK
    bench.serve(
        rss(
            ("future", ASK, future),
            ("ancient", ASK, ancient),
            ("never", ASK, "yesterday-ish"),
            ("zalgo", zalgo, MORNING),
            ("rtl", "\u202eמישהו מכיר רואה חשבון טוב?", MORNING),
            ("nul", ASK + "\x00", MORNING),
            ("big", "stor " * 200_000, MORNING),
        )
    )
    found = {str(record.post_id): record.post for record in bench.read()}
    assert set(found) >= {"future", "ancient", "never", "zalgo", "rtl", "big"}
    for name in ("future", "ancient", "never"):
        assert found[name].published_at == clock.now()  # type: ignore[union-attr]  # observed posts have one
    assert "\u202e" not in found["rtl"].text  # type: ignore[union-attr]  # as above
    assert found["zalgo"].text.count("\u0301") == 3  # type: ignore[union-attr]  # as above
    assert (len(found["big"].text), found["big"].is_truncated) == (20_000, True)  # type: ignore[union-attr]  # as above


@pytest.mark.slow
@pytest.mark.parametrize("is_oldest_first", [False, True])
def test_a_feed_of_a_hundred_thousand_entries_is_read_in_pieces(
    bench: Bench, is_oldest_first: bool
) -> None:
    def entry(number: int) -> Entry:
        at = datetime(2026, 3, 1, tzinfo=UTC) - timedelta(minutes=number)
        return (str(number), f"Spørgsmål {number}?", at.strftime("%a, %d %b %Y %H:%M:%S GMT"))

    entries = [entry(number) for number in range(100_000)]
    body = rss(*(reversed(entries) if is_oldest_first else entries)).encode()
    bench.change(max_posts=1_200)
    bench.serve(gzip.compress(body, 1), Content_Encoding="gzip")
    found = {int(record.post_id) for record in bench.read()}
    assert found == set(range(1_200))
    status = bench.row.status
    assert status.state == "running"
    assert status.last_error == (
        "98800 of 100000 entries, the oldest, were left out: options.max_posts is 1200"
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"interval_s": "often"}, "options.interval_s is 'often'"),
        ({"interval_s": 0}, "options.interval_s is 0"),
        ({"max_posts": True}, "options.max_posts is True"),
        ({"lang": 1}, "options.lang is 1"),
    ],
)
def test_an_option_that_cannot_be_meant_is_named(
    bench: Bench, options: dict[str, object], said: str
) -> None:
    bench.change(**options)
    assert bench.read() == []
    assert bench.row.status.state == "failing"
    assert said in bench.row.status.last_error
    assert bench.asked() == []

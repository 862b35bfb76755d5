"""RSS and Atom beyond what the reader's tests show: dialects, authors, cuts."""

import contextlib
from datetime import UTC, datetime

import pytest

from collectors.feed_document import NotAFeedError
from collectors.feed_xml import XmlFeed
from collectors.normalise import Draft

URL = "https://forum.example/feed"


def open_xml(body: str) -> XmlFeed:
    return XmlFeed(body.encode(), url=URL, content_type="application/xml; charset=utf-8")


def drafts(feed: XmlFeed, limit: int = 10_000) -> list[Draft]:
    return [draft for piece in feed.pieces(limit) for draft in piece]


RDF = (
    "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"
    " xmlns='http://purl.org/rss/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/'>"
    "<channel rdf:about='x'><title>Forum</title><items><rdf:Seq/></items></channel>%s</rdf:RDF>"
)
ATOM = "<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='da'><title>Forum</title>%s</feed>"
PREFIXED = "<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:title>Forum</a:title>%s</a:feed>"


@pytest.mark.parametrize(
    ("frame", "entry"),
    [
        (
            "<rss version='0.91'><channel><title>Forum</title>%s</channel></rss>",
            "<item><title>T{n}</title><link>/t/{n}</link><description>D{n}</description></item>",
        ),
        (
            RDF,
            (
                "<item rdf:about='{n}'><title>T{n}</title><link>/t/{n}</link>"
                "<description>D{n}</description><dc:date>2026-03-01T10:00:00Z</dc:date></item>"
            ),
        ),
        (
            ATOM,
            (
                "<entry><id>{n}</id><title>T{n}</title><link href='/t/{n}'/>"
                "<content>D{n}</content></entry>"
            ),
        ),
        (
            PREFIXED,
            (
                "<a:entry><a:id>{n}</a:id><a:title>T{n}</a:title><a:link href='/t/{n}'/>"
                "<a:summary>D{n}</a:summary></a:entry>"
            ),
        ),
    ],
)
@pytest.mark.parametrize("count", [2, 1_100])
def test_every_dialect_is_read_whole_and_in_pieces(frame: str, entry: str, count: int) -> None:
    feed = open_xml(frame % "".join(entry.replace("{n}", str(n)) for n in range(count)))
    assert feed.size == count
    found = drafts(feed)
    assert feed.trouble == ""
    assert [draft.title for draft in found] == [f"T{n}" for n in range(count)]
    assert [draft.text for draft in found] == [f"D{n}" for n in range(count)]
    assert found[-1].url == f"https://forum.example/t/{count - 1}"
    assert {draft.place for draft in found} == {"Forum"}


def test_an_atom_entry_keeps_its_facts() -> None:
    feed = open_xml(
        ATOM
        % (
            "<entry><id>tag:1</id><title type='html'>A &amp;amp; B</title>"
            "<author><name>Anna</name><uri>https://anna.example</uri></author>"
            "<published>2026-03-01T10:00:00+01:00</published>"
            "<updated>2026-03-01T12:00:00Z</updated>"
            "<summary>kort</summary><content type='html'>&lt;p&gt;lang tekst&lt;/p&gt;</content>"
            "<thr:in-reply-to xmlns:thr='http://purl.org/syndication/thread/1.0' ref='tag:0'/>"
            "<source><title>Et andet forum</title></source></entry>"
        )
    )
    (draft,) = drafts(feed)
    assert (draft.post_id, draft.in_reply_to, draft.lang) == ("tag:1", "tag:0", "da")
    assert (draft.title, draft.text) == ("A &amp; B", "<p>lang tekst</p>")
    assert (draft.author_id, draft.author_name) == ("https://anna.example", "Anna")
    assert draft.published_at == datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    assert draft.edited_at == datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    assert draft.place == "Et andet forum"


@pytest.mark.parametrize(
    ("author", "name", "author_id"),
    [
        ("anna@forum.example (Anna Hansen)", "Anna Hansen", "Anna Hansen"),
        ("Anna &lt;anna@forum.example&gt;", "Anna", "Anna"),
        ("anna@forum.example", "", "anna@forum.example"),
        ("Anna", "Anna", "Anna"),
        ("", "", ""),
    ],
)
def test_the_author_of_rss_is_a_name_with_or_without_an_address(
    author: str, name: str, author_id: str
) -> None:
    item = f"<item><title>T</title><author>{author}</author></item>"
    (draft,) = drafts(open_xml(f"<rss><channel>{item}</channel></rss>"))
    assert (draft.author_name, draft.author_id) == (name, author_id)


def test_titles_that_are_escaped_once_too_often_are_read_as_meant() -> None:
    item = "<item><title>AT&amp;amp;T &amp;lt;3</title></item>"
    (draft,) = drafts(open_xml(f"<rss><channel>{item}</channel></rss>"))
    assert draft.title == "AT&amp;T &lt;3"


def test_words_in_comments_and_character_data_begin_no_entry() -> None:
    inner = "<![CDATA[<item><title>no</title></item>]]>"
    item = f"<item><title>T</title><description>{inner}</description></item>"
    feed = open_xml(f"<rss><channel><!-- <item> -->{item}</channel></rss>")
    assert (feed.size, len(drafts(feed))) == (1, 1)


def test_an_unclosed_comment_ends_the_search() -> None:
    assert open_xml("<rss><channel><item/><!-- <item/><item/>").size == 1


def test_a_large_entry_stands_alone_and_a_huge_one_is_left_out() -> None:
    def item(n: int, size: int) -> str:
        return f"<item><title>T{n}</title><description>{'x' * size}</description></item>"

    sizes = [1_500_000, 1_500_000, 10, 3_000_000, 10]
    feed = open_xml(
        f"<rss><channel>{''.join(item(n, size) for n, size in enumerate(sizes))}</channel></rss>"
    )
    assert [draft.title for draft in drafts(feed)] == ["T0", "T1", "T2", "T4"]
    assert feed.trouble == "an entry of more than 2 MiB was left out"


def test_a_broken_piece_costs_no_other_piece_anything() -> None:
    items = "".join(f"<item><title>T{n}</title></item>" for n in range(1_500))
    feed = open_xml(f"<rss><channel>{items.replace('T700', 'T700 <b>&')}</channel></rss>")
    titles = {draft.title for draft in drafts(feed)}
    assert {"T0", "T499", "T1000", "T1499"} <= titles
    assert "the XML of the feed is broken (" in feed.trouble


def test_an_empty_feed_is_a_feed() -> None:
    assert drafts(open_xml("<rss version='2.0'><channel><title>t</title></channel></rss>")) == []
    with pytest.raises(NotAFeedError, match="broken"):
        drafts(open_xml("<rss version='2.0'><channel><title>t</channel>"))


@pytest.mark.parametrize(
    "body",
    ["<" * 1_000_000, "<!--" * 250_000, "<rss>" + "<item " * 200_000, "<rss><![CDATA[" * 90_000],
)
def test_rubbish_ends_soon(body: str) -> None:
    with contextlib.suppress(NotAFeedError):
        assert len(drafts(open_xml(body), limit=1_000)) <= 1_000

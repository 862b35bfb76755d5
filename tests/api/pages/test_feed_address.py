"""The feed's address, read and written."""

from datetime import UTC, datetime, timedelta

from starlette.datastructures import QueryParams

from api.pages.feed_address import read_address
from askwatch.search.query import SortField

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def test_an_address_says_all_that_was_chosen() -> None:
    address = read_address(
        QueryParams("q=vvs&state=waiting&topic=a&topic=b&lang=da&age=24h&sort=value"), NOW
    )
    query = address.query(is_sales=False)
    assert query.text == "vvs"
    assert query.filters == {
        "state": ("new", "held", "alerting", "pooled"), "topic_ids": ("a", "b"), "lang": ("da",),
    }  # fmt: skip
    assert query.found_after == NOW - timedelta(hours=24)
    assert query.sort is SortField.VALUE
    assert query.with_facets


def test_without_filters_all_that_is_alive_is_meant() -> None:
    address = read_address(QueryParams(""), NOW)
    assert not address.is_narrowed
    states = address.query(is_sales=False).filters["state"]
    assert {"claimed", "answered", "closed", "pooled"} <= set(states)
    assert not {"withdrawn", "expired", "dismissed", "review"} & set(states)
    assert "review" in address.query(is_sales=True).filters["state"]


def test_what_cannot_be_is_left_out() -> None:
    address = read_address(QueryParams("state=nonsense&age=9y&sort=odd&cursor=x&at=never"), NOW)
    assert (address.states, address.age, address.sort, address.at) == ((), "", "new", NOW)


def test_a_later_page_asks_the_same_question() -> None:
    address = read_address(QueryParams("age=1h"), NOW)
    later = address.following("abc")
    again = read_address(QueryParams(later.partition("?")[2]), NOW + timedelta(hours=5))
    assert again.query(is_sales=False).found_after == address.query(is_sales=False).found_after
    assert again.cursor == "abc"


def test_a_time_without_zone_is_not_taken() -> None:
    assert read_address(QueryParams("cursor=x&at=2026-01-01T00:00:00"), NOW).at == NOW


def test_choosing_twice_takes_away_again() -> None:
    address = read_address(QueryParams("q=a b&topic=x&cursor=c"), NOW)
    with_state = address.toggled("state", "taken")
    assert with_state == "/feed?q=a+b&state=taken&topic=x"
    assert address.toggled("topic", "x") == "/feed?q=a+b"
    assert address.without_text() == "/feed?topic=x"
    assert address.aged("7d") == "/feed?q=a+b&topic=x&age=7d"
    assert address.sorted_by("best") == "/feed?q=a+b&topic=x&sort=best"
    assert address.fields() == [("topic", "x")]


def test_values_from_an_address_bar_are_bounded() -> None:
    address = read_address(QueryParams([("topic", "x" * 900), ("q", "y" * 900)]), NOW)
    assert len(address.filters["topic"][0]) == 200
    assert len(address.text) == 300

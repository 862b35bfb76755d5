"""Sites whose pages are never fetched for a hand-in."""

import pytest

from collectors.closed_sites import find_closed_site


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.linkedin.com/posts/anna-1", "LinkedIn"),
        ("https://m.facebook.com/groups/1", "Facebook"),
        ("https://X.com/someone/status/1", "X"),
        ("https://da.quora.com./question", "Quora"),
        ("https://teams.microsoft.com/l/message/1", "Microsoft Teams"),
    ],
)
def test_a_page_of_a_closed_site_is_not_fetched(url: str, name: str) -> None:
    assert find_closed_site(url).startswith(f"{name} does not let")


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/linkedin.com",
        "https://notfacebook.com/1",
        "https://microsoft.com",
        "https://localhost/1",
        "not a link",
    ],
)
def test_other_pages_may_be_tried(url: str) -> None:
    assert find_closed_site(url) == ""

"""Which sites are never fetched for a hand-in, and what the colleague is told instead."""

import tomllib
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit


def find_closed_site(url: str) -> str:
    """Return why the page behind `url` is not fetched, in plain words; "" when it may be tried."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    sites = _names_by_domain()
    labels = host.split(".")
    for start in range(len(labels) - 1):
        name = sites.get(".".join(labels[start:]))
        if name:
            return f"{name} does not let its pages be read by machines: paste the text of the post"
    return ""


@cache
def _names_by_domain() -> dict[str, str]:
    text = files("collectors").joinpath("resources/closed_sites.toml").read_text("utf-8")
    sites = tomllib.loads(text)["sites"]
    return {domain: site["name"] for site in sites for domain in site["domains"]}

"""Every page on a phone and a desk, in light and dark: axe, width, weight."""

from typing import get_args

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response

from askwatch.links import LeadLink, sign_lead_link
from askwatch.model.ids import ExpertId, LeadId
from tests.browser.conftest import WIDTHS, OpenPage, Scheme
from tests.browser.served import SECRET_KEY

pytestmark = pytest.mark.browser

LINK = sign_lead_link(SECRET_KEY, LeadLink(ExpertId("bo"), LeadId("11" * 16)))
PAGES = [
    ("astrid", "/"), ("clara", "/"), ("sanne", "/"), ("astrid", f"/questions/{'11' * 16}"),
    ("astrid", f"/questions/{'13' * 16}"), ("bo", f"/questions/{'14' * 16}"),
    ("sanne", f"/questions/{'16' * 16}"), ("astrid", f"/questions/{'17' * 16}"),
    ("astrid", f"/questions/{'18' * 16}"), ("sanne", "/feed"),
    ("sanne", "/feed?q=hoste&state=answered&topic=hosting"), ("sanne", "/feed?q=unheard-of"),
    ("astrid", "/hand-in"), ("omar", "/sources"), ("astrid", "/activity"), ("omar", "/me"),
    ("", "/sign-in"), ("", "/sign-in/used-up"), ("", "/offline"), ("", f"/a/{LINK}"),
    ("astrid", "/nowhere"),
]  # fmt: skip
LIMIT_BYTES = 100_000


@pytest.mark.parametrize("scheme", get_args(Scheme))
def test_axe_finds_nothing_serious(open_page: OpenPage, scheme: Scheme) -> None:
    axe = Axe()
    for expert_id, path in PAGES:
        for width in (390, 1280):
            page = open_page(expert_id, path, width=width, scheme=scheme)
            open_everything(page)
            found = axe.run(page).response["violations"]
            serious = [
                (each["id"], [node["target"] for node in each["nodes"]][:3])
                for each in found
                if each["impact"] in {"serious", "critical"}
            ]
            assert serious == [], f"{path} as {expert_id} at {width} px, {scheme}"
            page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_scrolls_sideways(open_page: OpenPage, width: int) -> None:
    for expert_id, path in PAGES:
        page = open_page(expert_id, path, width=width)
        open_everything(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{path} as {expert_id}"
        page.context.close()


def test_targets_are_large_enough_for_a_thumb(open_page: OpenPage) -> None:
    for expert_id, path in PAGES:
        page = open_page(expert_id, path)
        small = page.evaluate(
            """() => [...document.querySelectorAll("button, summary, select, nav a, .button, .radio")]
              .filter((node) => node.checkVisibility())
              .map((node) => [node.innerText, node.getBoundingClientRect()])
              .filter(([, box]) => box.height < 44 || box.width < 44)
              .map(([text, box]) => `${text}: ${box.width} x ${box.height}`)"""
        )
        assert small == [], f"{path} as {expert_id}"
        page.context.close()


def test_a_page_weighs_little(open_page: OpenPage) -> None:
    for expert_id, path in PAGES:
        page = open_page("", "/sign-in")
        page.context.clear_cookies()
        page.context.close()
        weights: list[int] = []

        def weigh(response: Response, weights: list[int] = weights) -> None:
            if "/api/" not in response.url:
                weights.append(len(response.body()))

        page = open_page(expert_id, "/offline")
        page.on("response", weigh)
        page.goto(page.url.rpartition("/")[0] + path)
        page.wait_for_load_state("load")
        assert sum(weights) <= LIMIT_BYTES, f"{path} as {expert_id}: {sum(weights)} bytes"
        page.context.close()


def test_the_main_action_lies_at_the_thumb(open_page: OpenPage) -> None:
    for expert_id, path, name in (
        ("astrid", f"/questions/{'11' * 16}", "I'll take it"),
        ("astrid", f"/questions/{'13' * 16}", "Answered"),
        ("astrid", "/hand-in", "Hand in"),
    ):
        page = open_page(expert_id, path)
        button = page.locator(".actions .primary, .bottom-bar .primary").filter(has_text=name)
        box = button.bounding_box()
        assert box is not None
        assert box["y"] > 844 - 120


def open_everything(page: Page) -> None:
    """Open what is folded, but for menus: an open sheet lies over the rest."""
    page.evaluate(
        "document.querySelectorAll('details:not(.menu)').forEach((each) => { each.open = true; })"
    )

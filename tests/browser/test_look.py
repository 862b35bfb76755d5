"""Every page on a phone and a desk, in light and dark: axe, width, weight."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

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


SMALL_TARGETS = """() => [...document.querySelectorAll("button, summary, select, nav a, .button")]
  .filter((node) => node.checkVisibility())
  .map((node) => [node.innerText, node.getBoundingClientRect()])
  .filter(([, box]) => box.height < 44 || box.width < 44)
  .map(([text, box]) => `${text}: ${box.width} x ${box.height}`)"""


# Unpacked, and whether or not the browser had it already.
WEIGHT = """() => {
  const all = ["navigation", "resource"]
    .flatMap((kind) => performance.getEntriesByType(kind))
    .filter((entry) => !entry.name.includes("/api/"));
  return [all.reduce((sum, entry) => sum + entry.decodedBodySize, 0), all.length];
}"""


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
@pytest.mark.parametrize(("expert_id", "path"), PAGES)
def test_everybody_can_use_a_page(
    open_still: OpenPage, expert_id: str, path: str, width: int, scheme: Scheme
) -> None:
    page = open_still(expert_id, path, width=width, scheme=scheme)
    if width < 900:
        assert page.evaluate(SMALL_TARGETS) == []
    open_everything(page)
    found = Axe().run(page).response["violations"]
    serious = [
        (each["id"], [node["target"] for node in each["nodes"]][:3])
        for each in found
        if each["impact"] in {"serious", "critical"}
    ]
    assert serious == []


@pytest.mark.parametrize(("expert_id", "path"), PAGES)
def test_a_page_is_light_and_never_scrolls_sideways(
    open_still: OpenPage, expert_id: str, path: str
) -> None:
    page = open_still(expert_id, path)
    page.wait_for_load_state("load")
    size_bytes, files = page.evaluate(WEIGHT)
    assert files >= 3  # page, stylesheet, script
    assert size_bytes <= LIMIT_BYTES
    open_everything(page)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_main_action_lies_at_the_thumb(open_still: OpenPage) -> None:
    for expert_id, path, name in (
        ("astrid", f"/questions/{'11' * 16}", "I'll take it"),
        ("astrid", f"/questions/{'13' * 16}", "Answered"),
        ("astrid", "/hand-in", "Hand in"),
    ):
        page = open_still(expert_id, path)
        button = page.locator(".actions .primary, .bottom-bar .primary").filter(has_text=name)
        box = button.bounding_box()
        assert box is not None
        assert box["y"] > 844 - 120


def open_everything(page: Page) -> None:
    """Open what is folded, but for menus: an open sheet lies over the rest."""
    page.evaluate(
        "document.querySelectorAll('details:not(.menu)').forEach((each) => { each.open = true; })"
    )

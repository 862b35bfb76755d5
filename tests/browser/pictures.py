"""Draws the pictures of README from the tests' own company: `python -m tests.browser.pictures`.

With a folder as its argument it draws every page there, on a phone and a desktop, light and dark.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from askwatch.state.engine import Database
from askwatch.state.leads import list_page
from askwatch.state.migrate import migrate
from tests.browser.served import Site, serve

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
PAGES = {
    "alerts": ("astrid", "/"),
    "question": ("astrid", ""),
    "feed": ("omar", "/feed"),
    "hand-in": ("astrid", "/hand-in"),
    "sources": ("omar", "/sources"),
    "activity": ("astrid", "/activity"),
    "me": ("astrid", "/me"),
    "sign-in": ("", "/sign-in"),
}
VIEWPORTS = {"phone": (390, 844), "desktop": (1280, 800)}


def main() -> None:
    """Draw README's two pictures, or every page into the folder that is given."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        database = Database(f"sqlite:///{folder}/state.db")
        migrate(database)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), chromium_sandbox=False
        )
        with serve(Path(folder), database) as site:
            if target is None:
                IMAGES.mkdir(parents=True, exist_ok=True)
                _draw(browser, site, "question", "phone", "light", IMAGES / "question-phone.png")
                _draw(browser, site, "feed", "desktop", "light", IMAGES / "feed-desktop.png")
            else:
                target.mkdir(parents=True, exist_ok=True)
                for page in PAGES:
                    for viewport in VIEWPORTS:
                        for scheme in ("light", "dark"):
                            path = target / f"{page}-{viewport}-{scheme}.png"
                            _draw(browser, site, page, viewport, scheme, path)
        browser.close()
        database.close()


def _draw(browser: Browser, site: Site, name: str, viewport: str, scheme: str, path: Path) -> None:
    width, height = VIEWPORTS[viewport]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        device_scale_factor=1,
    )
    expert_id, address = PAGES[name]
    if expert_id:
        cookie = site.session_cookie(expert_id)
        context.add_cookies(
            [{"name": cookie["name"], "value": cookie["value"], "url": cookie["url"]}]
        )
    page = context.new_page()
    page.goto(site.url + (address or _find_question(site)))
    page.screenshot(path=path)
    context.close()


def _find_question(site: Site) -> str:
    """Return the address of a question that waits for the one who looks."""
    found = site.services.database.read(lambda tx: list_page(tx, after="", limit=50))  # type: ignore[arg-type]  # the beginning
    waiting = next(lead for lead in found if lead.state == "alerting")
    return f"/questions/{waiting.lead_id}"


if __name__ == "__main__":
    main()

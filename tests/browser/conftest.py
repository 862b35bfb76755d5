"""A served site and a real browser."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Literal, TypeAlias

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from askwatch.state.engine import Database
from tests.browser.served import Site, serve

Scheme: TypeAlias = Literal["light", "dark"]
OpenPage: TypeAlias = Callable[..., Page]

WIDTHS = (320, 390, 1280)


# Not for the whole session: its event loop would stay behind in the thread of all later tests.
@pytest.fixture(scope="module")
def chromium(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path,
            chromium_sandbox=False,
            args=[
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--no-first-run",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def site(tmp_path: Path, sqlite_database: Database) -> Iterator[Site]:
    with serve(tmp_path, sqlite_database) as served:
        yield served


@pytest.fixture(scope="module")
def still_site(tmp_path_factory: pytest.TempPathFactory, _sqlite_template: Path) -> Iterator[Site]:
    """Return a site for tests that only look."""
    folder = tmp_path_factory.mktemp("still")
    shutil.copy(_sqlite_template, folder / "state.db")
    database = Database(f"sqlite:///{folder / 'state.db'}")
    with serve(folder, database) as served:
        yield served
    database.close()


@pytest.fixture
def open_page(chromium: Browser, site: Site) -> Iterator[OpenPage]:
    """Return a function that opens a page of a site of this test's own."""
    yield from _open_pages(chromium, site)


@pytest.fixture
def open_still(chromium: Browser, still_site: Site) -> Iterator[OpenPage]:
    """Return a function that opens a page to look at."""
    yield from _open_pages(chromium, still_site)


def _open_pages(chromium: Browser, site: Site) -> Iterator[OpenPage]:
    # Errors of a page's scripts fail the test.
    faults: list[str] = []
    with ExitStack() as stack:

        def open_as(
            expert_id: str,
            path: str,
            *,
            width: int = 390,
            scheme: Scheme = "light",
            has_script: bool = True,
            keeps_pages: bool = False,
        ) -> Page:
            context = chromium.new_context(
                viewport={"width": width, "height": 844 if width < 900 else 800},
                color_scheme=scheme,
                java_script_enabled=has_script,
                service_workers="allow" if keeps_pages else "block",
            )
            stack.callback(context.close)
            if expert_id:
                cookie = site.session_cookie(expert_id)
                context.add_cookies(
                    [{"name": cookie["name"], "value": cookie["value"], "url": cookie["url"]}]
                )
            page = context.new_page()
            page.set_default_timeout(10_000)
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.goto(site.url + path)
            return page

        yield open_as
    assert faults == []

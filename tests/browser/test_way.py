"""The main way, by clicks: with scripts and without."""

import pytest
from playwright.sync_api import expect

from askwatch.model.ids import ExpertId, LeadId
from tests.browser import company
from tests.browser.conftest import OpenPage
from tests.browser.served import Site

pytestmark = pytest.mark.browser

WAITING = "11" * 16


@pytest.mark.parametrize("has_script", [True, False], ids=["live", "plain"])
def test_a_question_is_taken_and_answered(open_page: OpenPage, has_script: bool) -> None:
    page = open_page("astrid", "/", has_script=has_script)
    page.get_by_text("Nogen der har erfaring").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Someone is asking about Identity and sign-on"
    )
    page.locator(".detail-pane").get_by_role("button", name="I'll take it").click()
    expect(page.get_by_role("status")).to_have_text("It is yours. The others know.")
    page.get_by_label("Link to your answer").fill("https://example.com/my-answer")
    page.get_by_label("Yes, I said where I work").check()
    page.get_by_role("button", name="Mark as answered").click()
    expect(page.get_by_role("status")).to_have_text("Thank you. It is marked as answered.")
    expect(page.get_by_role("link", name="See the answer")).to_be_visible()


def test_the_second_of_two_is_told_who_won(open_page: OpenPage) -> None:
    first = open_page("astrid", f"/questions/{WAITING}")
    second = open_page("bo", f"/questions/{WAITING}", has_script=False)
    first.locator(".detail-pane").get_by_role("button", name="I'll take it").click()
    expect(first.get_by_role("status")).to_be_visible()
    second.locator(".detail-pane").get_by_role("button", name="Jeg tager den").click()
    expect(second.get_by_role("alert")).to_contain_text(
        "Astrid Holm var hurtigere og har taget den."
    )
    expect(second.get_by_text("Taget af Astrid Holm lige nu")).to_be_visible()


@pytest.mark.parametrize("has_script", [True, False], ids=["live", "plain"])
def test_not_for_me_takes_two_taps(open_page: OpenPage, site: Site, has_script: bool) -> None:
    page = open_page("astrid", f"/questions/{WAITING}", has_script=has_script)
    page.locator(".detail-pane summary").filter(has_text="Not for me").click()
    page.locator(".detail-pane").get_by_role("button", name="No time right now").click()
    expect(page.get_by_role("status")).to_have_text("Noted. The next colleague is asked.")


def test_a_menu_closes_when_somebody_looks_elsewhere(open_page: OpenPage) -> None:
    page = open_page("astrid", f"/questions/{WAITING}", width=1280)
    menu = page.locator(".detail-pane details.menu").filter(has_text="Not for me")
    menu.locator("summary").click()
    expect(menu.get_by_role("button", name="Not my topic")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu.get_by_role("button", name="Not my topic")).to_be_hidden()
    menu.locator("summary").click()
    page.mouse.click(12, 700)
    expect(menu.get_by_role("button", name="Not my topic")).to_be_hidden()


def test_a_question_taken_elsewhere_says_so_at_once(open_page: OpenPage, site: Site) -> None:
    page = open_page("bo", f"/questions/{WAITING}", width=1280)
    expect(page.locator(".question .pill").first).to_contain_text("venter")
    page.wait_for_timeout(500)  # until the stream of events is open
    site.services.decisions.claim(LeadId(WAITING), ExpertId("astrid"), actor="test")
    site.tell(WAITING)
    expect(page.locator(".question .pill").first).to_contain_text("Taget af Astrid Holm")
    expect(page.get_by_role("button", name="Jeg tager den")).to_have_count(0)


def test_a_row_taken_elsewhere_changes_in_its_place(open_page: OpenPage, site: Site) -> None:
    page = open_page("bo", "/")
    row = page.locator(f".question-row[data-lead='{WAITING}']")
    before = row.bounding_box()
    page.wait_for_timeout(500)
    site.services.decisions.claim(LeadId(WAITING), ExpertId("astrid"), actor="test")
    site.tell(WAITING)
    expect(row).to_contain_text("taget – Astrid Holm")
    expect(row.get_by_role("button")).to_have_count(0)
    assert row.bounding_box() == before


def test_new_questions_wait_behind_a_bar(open_page: OpenPage, site: Site) -> None:
    page = open_page("astrid", "/")
    rows = page.locator("[data-rows] li")
    before = rows.count()
    page.wait_for_timeout(500)
    ask = company.Ask(
        "ee" * 16, "Kender I en, der kan Keycloak?", 0, "identity", told=(("astrid", "notified"),)
    )
    company.add_question(site.services.database, ask, site.services.clock.now())
    site.tell(ask.lead_id, "lead.created")
    bar = page.get_by_role("button", name="1 new")
    expect(bar).to_be_visible()
    assert rows.count() == before
    bar.click()
    expect(page.get_by_text("Kender I en, der kan Keycloak?").first).to_be_visible()


def test_the_feed_is_searched_and_filtered(open_page: OpenPage) -> None:
    page = open_page("sanne", "/feed", width=1280)
    page.get_by_role("searchbox").fill("server")
    page.keyboard.press("Enter")
    expect(page.locator(".feed mark").first).to_contain_text("server")
    page.get_by_role("link", name="besvaret").first.click()
    expect(page.locator(".feed tbody .pill").first).to_contain_text("besvaret")
    page.get_by_role("link", name="seneste time").click()
    expect(page.get_by_text("Intet passer")).to_be_visible()
    page.get_by_role("link", name="Vis alt").click()
    expect(page.locator(".feed tbody tr").first).to_be_visible()
    page.get_by_role("link", name="Ældre").click()
    expect(page.locator(".feed tbody tr").first).to_be_visible()


def test_the_feed_is_read_by_keys(open_page: OpenPage) -> None:
    page = open_page("sanne", "/feed", width=1280)
    links = page.locator(".feed .ask a")
    page.keyboard.press("j")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.get_by_role("searchbox").blur()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    # Closing the dialog gives the focus back a moment later: press again until it stays.
    focused = page.locator(".feed .ask a:focus")
    for _ in range(20):
        page.keyboard.press("j")
        page.wait_for_timeout(100)
        if focused.count():
            break
    expect(focused).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Nogen spørger om")


def test_a_post_is_handed_in_and_its_line_follows(open_page: OpenPage, site: Site) -> None:
    page = open_page("sanne", "/hand-in")
    page.get_by_role("textbox").first.fill("https://example.com/p/9\nKender nogen en revisor?")
    page.get_by_role("button", name="Del", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Modtaget.")
    entry = page.locator("[data-entry]").first
    expect(entry).to_contain_text("læses")
    company.judge_hand_in(site.services.database, "sanne", lead_id="14" * 16)
    expect(entry).to_contain_text("Forstået: opslaget søger en leverandør")


def test_why_marks_the_words_in_the_text(open_page: OpenPage) -> None:
    page = open_page("astrid", f"/questions/{WAITING}", width=1280)
    ground = "getComputedStyle(document.querySelector('blockquote mark')).backgroundColor"
    calm = page.evaluate(ground)
    page.get_by_text("Why Askwatch thinks so").click()
    assert page.evaluate(ground) != calm
    expect(page.get_by_text("93 %")).to_be_visible()


def test_being_offline_is_said(open_page: OpenPage) -> None:
    page = open_page("astrid", "/")
    page.context.set_offline(True)
    expect(page.get_by_text("You are offline.")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("You are offline.")).to_be_hidden()


def test_a_page_asked_for_offline_is_a_page_that_says_so(open_page: OpenPage, site: Site) -> None:
    page = open_page("astrid", "/", keeps_pages=True)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()  # the first page was loaded before the worker was there
    page.context.set_offline(True)
    page.goto(f"{site.url}/feed")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are offline")
    weight = "getComputedStyle(document.querySelector('.button.primary')).fontWeight"
    assert page.evaluate(weight) == "600"
    page.context.set_offline(False)
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My alerts")

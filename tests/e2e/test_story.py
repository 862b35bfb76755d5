"""From a public post to the colleague who answers it, with every process killed on the way."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page

from askwatch.cli.run import PROCESS_NAMES
from tests.e2e.installation import Installation
from tests.e2e.mailbox import Mail, Mailbox
from tests.e2e.site import Site
from tests.servers import Mailpit

COMPANY = """
[company]
name = "Fjordlys"

# Two people are asked about everything here: they may not grow tired.
[policies.routing]
interruption_cost = 0.0

[[topics]]
id = "identity"
name = "Identity and sign-in"
phrases = ["Keycloak", "single sign-on", "SSO", "identity provider", "MitID"]
examples = ["Hvem kan drifte Keycloak for os?"]

[[topics]]
id = "accounting"
name = "Accounting"
phrases = ["revisor", "bogholder", "regnskab", "accountant", "bookkeeping"]
examples = ["Kender nogen en god revisor?"]

[[experts]]
id = "mette"
name = "Mette Holm"
email = "mette-{tag}@example.com"
locale = "en"
is_on_duty = true
languages = {{ da = 1.0, en = 1.0 }}
topics = ["identity"]
skills = ["Keycloak", "MitID", "SAML"]
profile = "Runs Keycloak for municipalities, single sign-on and MitID."
daily_cap = 100
capacity = 50

[[experts]]
id = "jonas"
name = "Jonas Brandt"
email = "jonas-{tag}@example.com"
locale = "en"
is_on_duty = true
languages = {{ da = 1.0, en = 1.0 }}
topics = ["identity"]
skills = ["Keycloak", "Kubernetes"]
profile = "Hosts Keycloak and other identity providers."
daily_cap = 100
capacity = 50

[[experts]]
id = "ida"
name = "Ida Skov"
email = "ida-{tag}@example.com"
locale = "en"
is_on_duty = true
languages = {{ da = 1.0, en = 1.0 }}
topics = ["accounting"]
skills = ["revisor", "bogholder"]
profile = "Accountant for small firms."
daily_cap = 100

[[experts]]
id = "nadia"
name = "Nadia Friis"
email = "nadia-{tag}@example.com"
roles = ["sales", "ops", "admin"]
locale = "da"

[[sources]]
id = "forum"
kind = "feed"
name = "The trade forum"
url = "{feed_url}"
options = {{ interval_s = 1 }}

[sources.permission]
permission_basis = "a test's own feed"
approved_by = "Nadia Friis"
approved_on = 2026-01-05
"""

ASK_TITLE = "Leverandør af Keycloak-hosting?"
ASK = (
    "Kan nogen anbefale en god leverandør, der kan drifte Keycloak for os? Vi er 40 ansatte i "
    "Aarhus og skal have single sign-on op at køre inden sommer."
)
ACCOUNTANT = (
    '{"id": "f1", "text": "Kan nogen anbefale en dygtig revisor i Odense? Vores firma har 12 '
    'ansatte, og vi søger en, der også kan tage bogholderiet.", "author": "someone"}\n'
)
DELETION = '{"id": "f1", "kind": "deleted"}\n'
# What people ask while one process after the other is killed.
ASKS = {
    "collectors": "Can anyone recommend a consultancy to set up Keycloak and SSO for 60 people?",
    "nlp": "Hvem kan hjælpe vores firma med MitID-login og single sign-on? Vi søger en leverandør.",
    "router": "Looking for a vendor who can host Keycloak in the EU, any recommendations?",
    "timers": "Kan nogen anbefale en god konsulent til Keycloak? Vi er en virksomhed i Vejle.",
    "delivery": "Which company would you recommend for running a Keycloak identity provider?",
    "relay": "Søger leverandør til drift af Keycloak, kan I anbefale et firma?",
    "index": "Can you recommend an agency for SSO with Keycloak for our software company?",
    "api": "Kan I anbefale et firma der sætter single sign-on op? Vi bruger Keycloak i dag.",
}


@pytest.fixture
def story(
    backend_settings: Mapping[str, str], tmp_path: Path, site: Site, mailpit: Mailpit
) -> Iterator["Story"]:
    tag = uuid4().hex[:8]
    company = COMPANY.format(tag=tag, feed_url=site.feed_url)
    environment = {**backend_settings, "ASKWATCH_SMTP_URL": mailpit.smtp_url}
    site.publish("Kaffe", "Vi har fået ny kaffemaskine på kontoret, og den larmer.")
    with Installation(tmp_path, company, environment) as installation:
        told = Story(installation, site, mailpit, tag)
        yield told
        told.close()


class Story:
    """What the people of the story see and do."""

    def __init__(self, installation: Installation, site: Site, mailpit: Mailpit, tag: str) -> None:
        self.installation, self.site = installation, site
        self.mailboxes = {
            name: Mailbox(mailpit, f"{name}-{tag}@example.com")
            for name in ("mette", "jonas", "ida", "nadia")
        }
        self.sales = installation.api("sales")

    def close(self) -> None:
        self.sales.close()
        for mailbox in self.mailboxes.values():
            mailbox.close()

    def wait_for_mail(self, name: str, word: str, *, patience_s: float = 60) -> Mail:
        return self.installation.wait_for(
            f"mail to {name} about {word!r}",
            lambda: self.mailboxes[name].find(word),
            patience_s=patience_s,
        )

    def find_mail(self, word: str) -> Mail | None:
        """Return a mail about `word` to either of those who know about identity."""
        return self.mailboxes["mette"].find(word) or self.mailboxes["jonas"].find(word)

    def replay(self, lines: str) -> None:
        path = self.installation.folder / "posts.jsonl"
        path.write_text(lines, encoding="utf-8")
        self.installation.askwatch("replay", str(path), "--source", "file")

    def search(self, words: str) -> list[dict[str, object]]:
        answer = self.sales.get("/leads", params={"q": words})
        if answer.status_code != 200:
            return []  # the API is being started again
        found: list[dict[str, object]] = answer.json()["leads"]
        return found

    def wait_until_found(self, words: str) -> dict[str, object]:
        return self.installation.wait_for(f"{words!r} in the feed", lambda: self.search(words))[0]

    def wait_until_gone(self, words: str, lead_id: object) -> None:
        self.installation.wait_for(f"{words!r} gone", lambda: not self.search(words))
        answer = self.sales.get(f"/leads/{lead_id}")
        assert "revisor" not in answer.text.lower()
        assert "keycloak" not in answer.text.lower()

    def sign_in(self, browser: Browser, name: str, *, is_live: bool = True) -> Page:
        page = browser.new_context(java_script_enabled=is_live).new_page()
        page.goto(self.installation.askwatch("sign-in", name).strip())
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{self.installation.url}/**")
        return page


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.mailpit
@pytest.mark.timeout(600)
def test_a_question_reaches_the_colleague_who_answers_it(story: Story, browser: Browser) -> None:
    # A post of a file is found and reaches the one who knows.
    story.replay(ACCOUNTANT)
    accountant = story.wait_until_found("revisorer")
    story.wait_for_mail("ida", "revisor")

    # A post in the feed reaches both who know about it, by mail.
    story.site.publish(ASK_TITLE, ASK)
    mail = story.wait_for_mail("mette", "drifte Keycloak")
    story.wait_for_mail("jonas", "drifte Keycloak")
    assert "Identity and sign-in" in mail.subject
    assert mail.html
    lead = story.wait_until_found("leverandører")
    lead_id = lead["lead_id"]

    # Both want it: one wins, the other is told who.
    # (His page does not hear of her claim, as if he had pressed in the same moment.)
    pages = {
        "mette": story.sign_in(browser, "mette"),
        "jonas": story.sign_in(browser, "jonas", is_live=False),
    }
    for page in pages.values():
        page.goto(f"{story.installation.url}/questions/{lead_id}")
    take = {name: page.get_by_role("button", name="I'll take it") for name, page in pages.items()}
    take["mette"].first.click()
    pages["mette"].get_by_text("Have you answered?").wait_for()
    take["jonas"].first.click()
    pages["jonas"].get_by_text("Mette Holm was faster").first.wait_for()

    # The feed knows who has it; it is answered, openly.
    sales = story.sign_in(browser, "nadia")
    sales.goto(f"{story.installation.url}/feed?q=leverandørerne")
    sales.get_by_text("Mette Holm").first.wait_for()
    answering = pages["mette"]
    answering.get_by_label("Yes, I said where I work").check()
    answering.get_by_role("button", name="Mark as answered").click()
    answering.get_by_text("Answered by you").first.wait_for()

    # What was deleted at its source is gone everywhere.
    story.replay(DELETION)
    story.wait_until_gone("revisor", accountant["lead_id"])

    # A hand-in is found and, withdrawn, gone.
    hand_in(story, pages["jonas"])

    # Every process is killed while a question is on its way: nothing is lost.
    assert set(ASKS) == set(PROCESS_NAMES)
    for number, (name, text) in enumerate(ASKS.items()):
        word = f"#{number + 100}"
        story.site.publish(f"Keycloak? {word}", text)
        story.installation.kill(name)
        story.installation.wait_for(
            f"mail about {word}", partial(story.find_mail, word), patience_s=90
        )
    check_nothing_twice(story)


def hand_in(story: Story, page: Page) -> None:
    page.goto(f"{story.installation.url}/hand-in")
    page.get_by_label("Link or text of the post").fill(
        "Hej alle. Hvem kan anbefale en konsulent til MitID Erhverv? Vores forening har brug for "
        "hjælp til login, og vi betaler gerne for det."
    )
    page.get_by_role("button", name="Hand in").click()
    found = story.wait_until_found("foreningen")
    page.goto(f"{story.installation.url}/hand-in")
    page.get_by_text("Take it back").first.click()
    page.get_by_role("button", name="Take it back").first.click()
    story.wait_until_gone("foreningen", found["lead_id"])


def check_nothing_twice(story: Story) -> None:
    """No alert exists twice, and what was sent again after a kill has the same Message-ID."""
    assert story.installation.askwatch("audit").strip() == "0 violations"
    status = story.installation.status()
    assert status["dead_letters"] == 0
    for name in ("mette", "jonas"):
        mails = story.mailboxes[name].read()
        alerts = [mail for mail in mails if mail.subject.startswith("Someone is asking")]
        ids = [mail.message_id for mail in alerts]
        for each in set(ids):
            assert ids.count(each) <= 2, each
        # At most one mail was under way when delivery was killed.
        assert len(ids) - len(set(ids)) <= 1

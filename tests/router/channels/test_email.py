"""Mails: what they say, and what becomes of them at servers of every temper."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

import httpx
import pytest

from askwatch.clock import ManualClock
from askwatch.errors import ConfigurationError
from askwatch.links import read_lead_link
from askwatch.model.expert import Expert
from askwatch.model.ids import DeliveryId
from askwatch.settings import Settings
from router.channels.base import Card, ChannelRejectedError, ChannelUnavailableError
from router.channels.email import EmailChannel, make_mail, make_subject
from tests.router.worlds import ANNA, World, make_expert
from tests.servers import Mailpit

SENDER = "Askwatch <askwatch@example.org>"


def make_card(expert: Expert | None = None, **changes: Any) -> Card:
    values: dict[str, Any] = {
        "delivery_id": DeliveryId("d1"),
        "message_id": "<d1@askwatch.example.org>",
        "kind": "alert",
        "expert": expert or make_expert(ANNA),
        "topic": "Keycloak hosting",
        "quote": "Nogen der har erfaring med Keycloak-hosting i EU?",
        "lang": "da",
        "age_s": 250.0,
        "because": [
            {"kind": "answers", "values": ["3", "identity"]},
            {"kind": "skill", "values": ["Keycloak"]},
            {"kind": "language", "values": ["da"]},
            {"kind": "free", "values": []},
        ],
        "topic_names": {"identity": "Identity"},
        "others_told": 2,
        "url": "https://askwatch.example.org/a/token",
        "settings_url": "https://askwatch.example.org/me",
    }
    return Card(**{**values, **changes})


def parts_of(mail: EmailMessage) -> tuple[str, str]:
    text, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert page is not None
    return text.get_content(), page.get_content()


def test_a_mail_says_what_is_asked_why_you_and_who_else() -> None:
    mail = make_mail(make_card(), sender=SENDER)
    text, page = parts_of(mail)
    assert mail["Subject"] == "Someone is asking about Keycloak hosting (4 min ago)"
    assert text.startswith('"Nogen der har erfaring')
    assert "You, because: 3 answers like it, knows Keycloak" in text
    assert "2 colleagues were told as well." in text
    assert text.count("https://askwatch.example.org/a/token") == 1
    assert '<blockquote lang="da"' in page
    assert mail["List-Unsubscribe"] == "<https://askwatch.example.org/me>"
    assert mail["Message-ID"] == "<d1@askwatch.example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"


def test_a_mail_speaks_the_experts_language() -> None:
    expert = make_expert(ANNA, locale="da")
    mail = make_mail(make_card(expert, topic="Identitet", others_told=0), sender=SENDER)
    text, page = parts_of(mail)
    assert mail["Subject"] == "Nogen spørger om Identitet (for 4 min. siden)"
    assert "Du, fordi: 3 svar på noget lignende" in text
    assert "Ingen andre har fået besked." in text
    assert '<html lang="da">' in page
    assert "Åbn spørgsmålet" in page


def test_a_mail_says_which_words_ask() -> None:
    asks = "asks others for a supplier: 'can <anyone> recommend'"
    text, page = parts_of(make_mail(make_card(asks=asks), sender=SENDER))
    assert f"The post {asks}" in text
    assert "can &lt;anyone&gt; recommend" in page
    expert = make_expert(ANNA, locale="da")
    text, _ = parts_of(make_mail(make_card(expert, asks="klager: 'nej'"), sender=SENDER))
    assert "Opslaget klager: 'nej'" in text


@pytest.mark.parametrize("locale", ["en", "da"])
def test_a_mail_is_at_most_120_words(locale: str) -> None:
    asks = f"names a kind of supplier or product: '{'et ' * 22}'"
    card = make_card(make_expert(ANNA, locale=locale), quote="ord " * 5000, asks=asks)
    text, _ = parts_of(make_mail(card, sender=SENDER))
    assert len(text.split()) <= 120


def test_nothing_in_a_card_adds_a_header() -> None:
    evil = "x\r\nBcc: everybody@example.org\r\n\r\nhello"
    expert = make_expert(ANNA, name=f"Anna {evil}")
    mail = make_mail(make_card(expert, topic=evil, quote=evil), sender=SENDER)
    again = message_from_bytes(mail.as_bytes(), policy=policy.default)
    assert again["Bcc"] is None
    assert re.fullmatch(r"[^\r\n]+", str(again["Subject"]))
    assert str(again["To"]).endswith("<anna@example.org>")


def test_html_in_a_post_stays_text() -> None:
    _, page = parts_of(make_mail(make_card(quote="<script>alert(1)</script>"), sender=SENDER))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("reminder", "Still waiting: Keycloak hosting (4 min ago)"),
        ("nudge", "You have taken this one: Keycloak hosting (4 min ago)"),
        ("notice", "The post you have taken was edited: Keycloak hosting"),
        ("handed", "A colleague has passed this on to you: Keycloak hosting (4 min ago)"),
        ("outcome", "What became of your answer about Keycloak hosting?"),
    ],
)
def test_every_kind_has_its_subject(kind: str, subject: str) -> None:
    assert make_subject(make_card(kind=kind)) == subject


def test_a_lead_without_topic_or_words_is_told_all_the_same() -> None:
    card = make_card(topic="", quote="", because=[], lang="und")
    assert make_subject(card) == "Someone is asking something for you (4 min ago)"
    text, page = parts_of(make_mail(card, sender=SENDER))
    assert "open the question to read it" in text
    assert "<blockquote style" in page


def test_an_address_that_is_none_is_refused_for_good() -> None:
    expert = make_expert(ANNA, email="a,b@c@d".replace("@c", ""))
    with pytest.raises(ChannelRejectedError, match="address"):
        make_mail(make_card(expert), sender=SENDER)


@pytest.mark.parametrize("url", ["http://127.0.0.1", "smtp://", "127.0.0.1:25"])
def test_a_wrong_address_of_the_server_is_named(url: str, clock: ManualClock) -> None:
    with pytest.raises(ConfigurationError, match="ASKWATCH_SMTP_URL"):
        EmailChannel(Settings(smtp_url=url), clock)


class SmtpHandler(socketserver.StreamRequestHandler):
    """Speaks enough SMTP to be polite, and answers as the test wants."""

    def handle(self) -> None:
        server = cast(SmtpServer, self.server)
        if server.answers.get("connect") == "hang":
            server.done.wait(30)
            return
        self._say(server.answers.get("connect", "220 here"))
        for line in self.rfile:
            verb = line.split()[0].decode().upper().rstrip(":")
            answer = server.answers.get(verb, "250 fine")
            if answer == "drop":
                return
            if verb == "DATA" and answer.startswith("250"):
                self._say("354 go on")
                self._read_mail(server)
                answer = server.answers.get("after", "250 taken")
            self._say(answer)
            if verb == "QUIT":
                return

    def _read_mail(self, server: "SmtpServer") -> None:
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line)
        server.mails.append(b"".join(lines))

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class SmtpServer(socketserver.ThreadingTCPServer):
    """A mail server of the test's own temper."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, answers: dict[str, str]) -> None:
        super().__init__(("127.0.0.1", 0), SmtpHandler)
        self.answers, self.mails, self.done = answers, list[bytes](), threading.Event()


@contextmanager
def smtp(**answers: str) -> Iterator[tuple[SmtpServer, str]]:
    server = SmtpServer(answers)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server, f"smtp://127.0.0.1:{server.server_address[1]}"
    finally:
        server.done.set()
        server.shutdown()
        thread.join()
        server.server_close()


def make_channel(url: str, clock: ManualClock, timeout_s: float = 20.0) -> EmailChannel:
    return EmailChannel(Settings(smtp_url=url, smtp_timeout_s=timeout_s, mail_from=SENDER), clock)


def test_a_mail_reaches_its_server(clock: ManualClock) -> None:
    with smtp() as (server, url):
        assert make_channel(url, clock).send(make_card()) == "<d1@askwatch.example.org>"
    assert b"Date: Mon, 02 Mar 2026 10:00:00 +0000" in server.mails[0]


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"RCPT": "550 nobody here"}, ChannelRejectedError),
        ({"RCPT": "451 greylisted, come again"}, ChannelUnavailableError),
        ({"MAIL": "553 not you"}, ChannelRejectedError),
        ({"MAIL": "421 closing"}, ChannelUnavailableError),
        ({"DATA": "554 no"}, ChannelRejectedError),
        ({"after": "452 disk full"}, ChannelUnavailableError),
        ({"after": "552 too big"}, ChannelRejectedError),
        ({"connect": "554 go away"}, ChannelUnavailableError),
        ({"EHLO": "drop"}, ChannelUnavailableError),
        ({"RCPT": "drop"}, ChannelUnavailableError),
    ],
)
def test_what_a_server_answers_decides_whether_to_try_again(
    answers: dict[str, str], error: type[Exception], clock: ManualClock
) -> None:
    with smtp(**answers) as (_, url), pytest.raises(error):
        make_channel(url, clock).send(make_card())


def test_a_server_that_hangs_is_left_after_the_timeout(clock: ManualClock) -> None:
    with smtp(connect="hang") as (_, url), pytest.raises(ChannelUnavailableError):
        make_channel(url, clock, timeout_s=0.2).send(make_card())


def test_a_server_that_is_not_there_is_unavailable(clock: ManualClock) -> None:
    with pytest.raises(ChannelUnavailableError):
        make_channel("smtp://127.0.0.1:1", clock).send(make_card())


def test_a_login_that_is_refused_is_our_own_fault(clock: ManualClock) -> None:
    with smtp() as (server, url):
        server.answers["EHLO"] = "250-here\r\n250 AUTH PLAIN"
        server.answers["AUTH"] = "535 wrong"
        with pytest.raises(ChannelUnavailableError, match="535"):
            make_channel(url.replace("//", "//anna:secret@"), clock).send(make_card())


def test_a_server_without_tls_is_no_smtps_server(clock: ManualClock) -> None:
    with smtp() as (_, url), pytest.raises(ChannelUnavailableError):
        make_channel(url.replace("smtp:", "smtps:"), clock).send(make_card())


@pytest.mark.mailpit
def test_an_alert_arrives_at_a_real_server(mailpit: Mailpit, small_world: World) -> None:
    world = small_world
    settings = Settings(secret_key="test-key", smtp_url=mailpit.smtp_url, mail_from=SENDER)
    person = f"anna-{world.make_post().post_id}-{id(world)}@example.org"
    world.put_experts(make_expert(ANNA, email=person, locale="da"))
    real = World(world.database, world.clock, settings)
    real.delivery._mail = _mail_courier(real, settings)
    lead = real.find()
    real.deliver()
    query = {"query": f"to:{person}"}
    found = httpx.get(f"{mailpit.api_url}/api/v1/search", params=query).json()["messages"]
    if ANNA not in real.alerts(lead.lead_id):
        pytest.fail("Anna was not asked")
    (summary,) = found
    assert summary["Subject"] == "Nogen spørger om Identitet (for 4 min. siden)"
    mail = httpx.get(f"{mailpit.api_url}/api/v1/message/{summary['ID']}").json()
    token = re.search(r"/a/(\S+)", mail["Text"])
    assert token is not None
    link = read_lead_link("test-key", token.group(1))
    assert (link.expert_id, link.lead_id) == (ANNA, lead.lead_id)
    assert mail["HTML"]


def _mail_courier(world: World, settings: Settings) -> Any:
    from router.delivery import DeliveryProcess

    process = DeliveryProcess(
        database=world.database, settings=settings, clock=world.clock, owner="t"
    )
    return process._mail

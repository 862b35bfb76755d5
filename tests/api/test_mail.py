"""The mail with a sign-in link, against a local mail server."""

import logging
import socketserver
import threading
from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from api.mail import send_sign_in_link
from askwatch.settings import Settings
from tests.api.conftest import World
from tests.api.rows import make_expert

LINK = "http://testserver/sign-in/token"


class _Server(socketserver.ThreadingTCPServer):
    """Speaks as much SMTP as it takes to receive a mail."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.mails: list[bytes] = []
        self.refuses = False
        self.credentials = ""
        self.received = threading.Event()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class _Session(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        # Who tries TLS with a server that speaks none hangs up.
        with suppress(ConnectionError):
            self._converse()

    def _converse(self) -> None:
        self._say("220 test")
        while line := self.rfile.readline().strip():
            verb = line.split()[0].upper()
            if verb == b"EHLO":
                self._say("250-test")
                self._say("250 AUTH PLAIN")
            elif verb == b"AUTH":
                self.server.credentials = line.decode()
                self._say("235 welcome")
            elif verb == b"RCPT" and self.server.refuses:
                self._say("550 no such mailbox")
            elif verb == b"DATA":
                self._receive()
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _receive(self) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        self.server.mails.append(b"".join(lines))
        self._say("250 taken")
        self.server.received.set()

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@pytest.fixture
def smtp() -> Iterator[_Server]:
    with _Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def make_settings(tmp_path: Path, smtp_url: str) -> Settings:
    return Settings(data_dir=tmp_path, smtp_url=smtp_url, smtp_timeout_s=5)


def read_mail(smtp: _Server) -> EmailMessage:
    (received,) = smtp.mails
    mail = message_from_bytes(received, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def test_the_link_goes_out_in_the_readers_language(tmp_path: Path, smtp: _Server) -> None:
    settings = make_settings(tmp_path, smtp.url)
    send_sign_in_link(settings, make_expert("bo", locale="da"), LINK, minutes=20)
    mail = read_mail(smtp)
    assert (mail["Subject"], mail["To"]) == ("Dit link til Askwatch", "bo@example.com")
    assert mail["Message-ID"]
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_content()
    assert LINK in text
    assert "Det virker én gang, i 20 minutter" in text


def test_a_password_is_used_where_one_is_set(tmp_path: Path, smtp: _Server) -> None:
    url = smtp.url.replace("smtp://", "smtp://name:p%40ss@")
    send_sign_in_link(make_settings(tmp_path, url), make_expert("bo"), LINK, minutes=20)
    assert smtp.credentials.startswith("AUTH PLAIN")
    assert "Hello Bo" in read_mail(smtp).get_content()


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_server_that_refuses_is_logged_without_the_address(
    tmp_path: Path, smtp: _Server, scheme: str, caplog: pytest.LogCaptureFixture
) -> None:
    smtp.refuses = True
    settings = make_settings(tmp_path, smtp.url.replace("smtp:", f"{scheme}:"))
    with caplog.at_level(logging.INFO):
        send_sign_in_link(settings, make_expert("bo"), LINK, minutes=20)
    (record,) = caplog.records
    assert (record.levelname, record.getMessage()) == ("ERROR", "sign-in link not sent")
    assert "bo@example.com" not in str(record.__dict__)


def test_without_a_server_nothing_is_sent_and_somebody_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        send_sign_in_link(make_settings(tmp_path, ""), make_expert("bo"), LINK, minutes=20)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "token" not in str(caplog.records[0].__dict__)


def test_who_asks_for_a_link_can_sign_in_with_the_mail(world: World, smtp: _Server) -> None:
    # Settings are frozen; this is the application as it stands with a mail server.
    with_mail = world.services.settings.model_copy(update={"smtp_url": smtp.url})
    world.use_settings(with_mail)
    client = world.anonymous()
    client.post("/sign-in", data={"email": "astrid@example.com", "next": "/feed?q=vvs"})
    assert smtp.received.wait(10)
    text = read_mail(smtp).get_content()
    link = next(line for line in text.splitlines() if line.startswith("http"))
    assert link.endswith("?next=/feed%3Fq%3Dvvs")
    path = link.removeprefix("http://testserver")
    assert client.get(path).status_code == 200
    signed_in = client.post(path.partition("?")[0], data={"next": "/feed?q=vvs"})
    assert signed_in.headers["location"] == "/feed?q=vvs"
    assert client.get("/api/v1/me").json()["actor"] == "expert:astrid"

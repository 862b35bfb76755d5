"""Reads mail back from Mailpit."""

import re
from dataclasses import dataclass

import httpx

from tests.servers import Mailpit


@dataclass(frozen=True)
class Mail:
    """One mail as it arrived."""

    message_id: str
    subject: str
    text: str
    html: str

    @property
    def link(self) -> str:
        """Return the address of its button."""
        found = re.search(r"http\S+/a/[\w.\-]+", self.text)
        assert found, self.text
        return found.group()


class Mailbox:
    """All mail to one address."""

    def __init__(self, mailpit: Mailpit, address: str) -> None:
        self._client = httpx.Client(base_url=mailpit.api_url, timeout=10)
        self._address = address

    def close(self) -> None:
        self._client.close()

    def read(self) -> list[Mail]:
        """Return every mail, the oldest first."""
        found = self._client.get(
            "/api/v1/search", params={"query": f'to:"{self._address}"', "limit": 200}
        )
        found.raise_for_status()
        mails = []
        for entry in reversed(found.json()["messages"]):
            whole = self._client.get(f"/api/v1/message/{entry['ID']}").json()
            mail = Mail(whole["MessageID"], whole["Subject"], whole["Text"], whole["HTML"])
            mails.append(mail)
        return mails

    def find(self, word: str) -> Mail | None:
        """Return the first mail that has `word` in its subject or text."""
        return next((each for each in self.read() if word in each.subject + each.text), None)

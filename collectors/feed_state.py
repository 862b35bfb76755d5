"""What is remembered of a feed between two reads; it stands in the cursor of its row."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import JsonValue

# Without a full read the posts seen in a feed would be forgotten some day (stage.SEEN_KEPT), and
# all of them would be new again when the feed changes at last.
FULL_READ_EVERY = timedelta(days=7)
# A site that sends more than this as a validator gets none back.
_VALIDATOR_LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class FeedState:
    """Validators of the last full read, its body's hash and oddities, and failures since then."""

    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    full_read_at: datetime | None = None
    failures: int = 0
    note: str = ""

    @classmethod
    def from_cursor(cls, cursor: Mapping[str, JsonValue]) -> "FeedState":
        failures, at = cursor.get("failures"), _text(cursor, "full_read_at")
        try:
            full_read_at = datetime.fromisoformat(at) if at else None
        except ValueError:
            full_read_at = None
        return cls(
            etag=_text(cursor, "etag"),
            last_modified=_text(cursor, "last_modified"),
            body_hash=_text(cursor, "body_hash"),
            full_read_at=full_read_at,
            failures=failures if isinstance(failures, int) else 0,
            note=_text(cursor, "note"),
        )

    def to_cursor(self) -> dict[str, JsonValue]:
        at = self.full_read_at.isoformat() if self.full_read_at else ""
        return {
            "etag": self.etag,
            "last_modified": self.last_modified,
            "body_hash": self.body_hash,
            "full_read_at": at,
            "failures": self.failures,
            "note": self.note,
        }

    def conditions(self, now: datetime) -> dict[str, str]:
        """Return the headers of a conditional request; none when a full read is due."""
        if self._is_full_read_due(now):
            return {}
        given = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in given.items() if value}

    def is_same(self, body_hash: str, now: datetime) -> bool:
        """Tell whether the site sent what it sent last time, though it need not have."""
        return body_hash == self.body_hash and not self._is_full_read_due(now)

    def unchanged(self) -> "FeedState":
        return replace(self, failures=0)

    def failed(self) -> "FeedState":
        return replace(self, failures=self.failures + 1)

    @staticmethod
    def after(
        headers: Mapping[str, str], body_hash: str, now: datetime, *, note: str
    ) -> "FeedState":
        """Return the state after everything in an answer was taken in."""
        return FeedState(
            etag=_validator(headers, "etag"),
            last_modified=_validator(headers, "last-modified"),
            body_hash=body_hash,
            full_read_at=now,
            note=note,
        )

    def _is_full_read_due(self, now: datetime) -> bool:
        return self.full_read_at is None or now - self.full_read_at > FULL_READ_EVERY


def _text(cursor: Mapping[str, JsonValue], name: str) -> str:
    value = cursor.get(name)
    return value if isinstance(value, str) else ""


def _validator(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name, "").strip()
    return value if len(value) <= _VALIDATOR_LIMIT and value.isprintable() else ""

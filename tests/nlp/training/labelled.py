"""Labelled posts for tests of measuring."""

from pathlib import Path

import orjson

ASK: dict[str, object] = {
    "id": "ask", "lang": "en", "intent": "vendor_request", "b2b": True,
    "text": "Can anyone recommend a good accountant for a small bakery in Leeds?",
    "topic": "accounting_finance", "hard": False, "platform": "Usenet (example.org): trade",
}  # fmt: skip
CHATTER: dict[str, object] = {
    "id": "chatter", "text": "lovely sunset tonight", "lang": "en", "intent": "other",
    "hard": True,
}  # fmt: skip
JOB: dict[str, object] = {
    "id": "job", "lang": "en", "intent": "candidate_search", "b2b": True,
    "text": "We are hiring a backend developer in Cardiff, apply with your CV before Friday.",
    "topic": "software_development", "register": "facebook",
}  # fmt: skip
DANISH: dict[str, object] = {
    "id": "danish", "lang": "da", "intent": "vendor_request", "b2b": True,
    "text": "Er der nogen der kan anbefale en dygtig revisor til vores lille firma i Vejle?",
    "topic": "accounting_finance",
}  # fmt: skip


def write(path: Path, *posts: object) -> Path:
    """Write posts as JSON Lines."""
    path.write_bytes(b"\n".join(orjson.dumps(post) for post in posts))
    return path

"""Identities, and how derived ones are made."""

import hashlib
import hmac
from typing import NewType
from uuid import uuid4

SourceId = NewType("SourceId", str)
PostId = NewType("PostId", str)  # unique within its source
LeadId = NewType("LeadId", str)
ExpertId = NewType("ExpertId", str)
TopicId = NewType("TopicId", str)
AlertId = NewType("AlertId", str)
DeliveryId = NewType("DeliveryId", str)
EventId = NewType("EventId", str)


def derive_id(*parts: str | int) -> str:
    """Return 32 hexadecimal digits that depend on `parts` alone."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def derive_event_id(stream: str, source_id: str, post_id: str, revision: int, kind: str) -> EventId:
    """Return the id of a record, so that a stage run twice says the same thing twice."""
    return EventId(derive_id(stream, source_id, post_id, revision, kind))


def post_key(source_id: str, post_id: str) -> str:
    """Return the bus key of a post: its edits and deletions stay in order behind it."""
    return f"{source_id}/{post_id}"


def hash_author(secret_key: str, source_id: str, author_id: str) -> str:
    """Return the keyed hash under which an author can be suppressed without being named."""
    message = f"{source_id}\x1f{author_id}".encode("utf-8", "surrogatepass")
    return hmac.digest(secret_key.encode(), message, "sha256").hex()


def new_id() -> str:
    """Return a fresh random identity of 32 hexadecimal digits."""
    return uuid4().hex

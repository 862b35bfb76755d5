"""Versions of things, so that a write can insist on the one its caller has seen."""

import hashlib

from pydantic import BaseModel

from api.errors import PreconditionError


def revision_etag(revision: int) -> str:
    """Return the entity tag of a row that counts its changes."""
    return f'"{revision}"'


def content_etag(model: BaseModel) -> str:
    """Return an entity tag that depends on the content alone."""
    return f'"{hashlib.sha256(model.model_dump_json().encode()).hexdigest()[:20]}"'


def check_if_match(header: str, etag: str) -> None:
    """Let a write go on if its caller names no version, or the one that there is.

    Raises:
        PreconditionError: The caller has seen another version.
    """
    named = {each.strip() for each in header.split(",")}
    if header and "*" not in named and etag not in named:
        raise PreconditionError("this changed since you have seen it: read it again first")

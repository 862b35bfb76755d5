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


def is_among(etag: str, header: str) -> bool:
    """Tell whether `header` (If-Match or If-None-Match) names `etag`, or any ("*")."""
    named = {each.strip().removeprefix("W/") for each in header.split(",")}
    return "*" in named or etag in named


def check_if_match(header: str, etag: str) -> None:
    """Let a write go on if its caller names no version, or the one that there is.

    Raises:
        PreconditionError: The caller has seen another version.
    """
    if header and not is_among(etag, header):
        raise PreconditionError("this changed since you have seen it: read it again first")

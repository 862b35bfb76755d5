"""How people sign in: one-time links and the sessions that they begin.

Only SHA-256 hashes of tokens are stored, so that a copy of the database opens nothing.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, or_, select, update

from askwatch.errors import NotAllowedError
from askwatch.model.ids import ExpertId
from askwatch.state.engine import Transaction
from askwatch.state.tables import sessions, sign_in_links

# 256 bits: nobody guesses one.
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in, until when, and the token that their forms must carry."""

    expert_id: ExpertId
    csrf_token: str
    expires_at: datetime


def hash_token(token: str) -> str:
    """Return what is stored of a token; it is random, so a plain hash cannot be reversed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def create_link(
    transaction: Transaction, expert_id: ExpertId, *, now: datetime, duration: timedelta
) -> str:
    """Return the token of a new link that signs `expert_id` in once, until `duration` is over."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    transaction.execute(
        insert(sign_in_links).values(
            token_hash=hash_token(token),
            expert_id=expert_id,
            created_at=now,
            expires_at=now + duration,
        )
    )
    return token


def find_link(transaction: Transaction, token: str, *, now: datetime) -> ExpertId | None:
    """Return whom a link would sign in; None when it is unknown, used or too old."""
    query = select(sign_in_links.c.expert_id).where(
        sign_in_links.c.token_hash == hash_token(token),
        sign_in_links.c.spent_at.is_(None),
        sign_in_links.c.expires_at > now,
    )
    found = transaction.execute(query).scalar()
    return None if found is None else ExpertId(found)


def spend_link(transaction: Transaction, token: str, *, now: datetime) -> ExpertId:
    """Use a link up and return whom it signs in; of two at once only one succeeds.

    Raises:
        NotAllowedError: The link is unknown, used or too old.
    """
    spent = transaction.execute(
        update(sign_in_links)
        .where(
            sign_in_links.c.token_hash == hash_token(token),
            sign_in_links.c.spent_at.is_(None),
            sign_in_links.c.expires_at > now,
        )
        .values(spent_at=now)
        .returning(sign_in_links.c.expert_id)
    ).scalar()
    if spent is None:
        raise NotAllowedError("this sign-in link was used or is too old: ask for a new one")
    return ExpertId(spent)


def begin_session(
    transaction: Transaction, expert_id: ExpertId, *, now: datetime, duration: timedelta
) -> str:
    """Return the token of a new session."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    transaction.execute(
        insert(sessions).values(
            token_hash=hash_token(token),
            expert_id=expert_id,
            csrf_token=secrets.token_urlsafe(_TOKEN_BYTES),
            created_at=now,
            expires_at=now + duration,
        )
    )
    return token


def find_session(transaction: Transaction, token: str, *, now: datetime) -> Session | None:
    """Return the session of a token; None when there is none or its time is over."""
    query = select(sessions.c.expert_id, sessions.c.csrf_token, sessions.c.expires_at).where(
        sessions.c.token_hash == hash_token(token), sessions.c.expires_at > now
    )
    found = transaction.execute(query).first()
    return None if found is None else Session(found.expert_id, found.csrf_token, found.expires_at)


def extend_session(transaction: Transaction, token: str, *, until: datetime) -> None:
    """Let a session last longer; one that was ended meanwhile stays so."""
    transaction.execute(
        update(sessions).where(sessions.c.token_hash == hash_token(token)).values(expires_at=until)
    )


def end_session(transaction: Transaction, token: str) -> None:
    """Sign out; an unknown token is fine."""
    transaction.execute(delete(sessions).where(sessions.c.token_hash == hash_token(token)))


def end_all(transaction: Transaction, expert_id: ExpertId) -> None:
    """Sign somebody out everywhere, and let none of their links work any more."""
    transaction.execute(delete(sessions).where(sessions.c.expert_id == expert_id))
    transaction.execute(delete(sign_in_links).where(sign_in_links.c.expert_id == expert_id))


def forget(transaction: Transaction, *, now: datetime) -> int:
    """Drop sessions and links that are of no more use; return how many."""
    over = transaction.execute(delete(sessions).where(sessions.c.expires_at <= now)).rowcount
    dead = delete(sign_in_links).where(
        or_(sign_in_links.c.expires_at <= now, sign_in_links.c.spent_at.is_not(None))
    )
    return over + transaction.execute(dead).rowcount

"""A sample of rejected posts in which people look for misses; text stays a day, marks stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import sqrt
from typing import Any

from sqlalchemy import Row, delete, func, select, update

from askwatch.errors import NotFoundError
from askwatch.model.feedback import Features, FeedbackKind
from askwatch.model.ids import PostId, SourceId
from askwatch.model.post import Post
from askwatch.state import suppression
from askwatch.state.engine import Transaction
from askwatch.state.feedback import Tap, give, hash_post
from askwatch.state.tables import rejected_posts
from askwatch.state.upsert import insert_ignore

KEPT = timedelta(hours=24)
# Of the normal distribution, for an interval of 95 %.
_Z = 1.96


class Mark(StrEnum):
    """What a reader says of a rejected post."""

    ASK = "ask"
    NO_ASK = "no_ask"


@dataclass(frozen=True, slots=True)
class RejectedPost:
    """One post of the sample; everything but its mark goes after a day."""

    sample_id: str
    source_id: SourceId
    author_hash: str
    title: str
    text: str
    url: str
    lang: str
    place: str
    features: Features
    published_at: datetime
    sampled_at: datetime
    mark: Mark | None

    @property
    def full_text(self) -> str:
        """Return title and body as one text."""
        return f"{self.title}\n\n{self.text}" if self.title else self.text


@dataclass(frozen=True, slots=True)
class MissRate:
    """How many of the marked posts asked for something, with a 95 % interval (Wilson)."""

    marked: int
    misses: int

    @property
    def share(self) -> float | None:
        """Return the share of misses; None before anything is marked."""
        return self.misses / self.marked if self.marked else None

    @property
    def interval(self) -> tuple[float, float]:
        """Return the bounds within which the true share lies, 19 times in 20.

        Source: E. B. Wilson, JASA 1927; unlike the usual formula it holds near 0.
        """
        if not self.marked:
            return 0.0, 1.0
        share, spread = self.misses / self.marked, _Z * _Z / self.marked
        middle = (share + spread / 2) / (1 + spread)
        half = sqrt(share * (1 - share) * spread + spread * spread / 4) / (1 + spread)
        return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A rejected post that belongs to the sample."""

    post: Post
    author_hash: str
    features: Features


def add(
    transaction: Transaction, sample: Sequence[Rejected], *, per_hour: int, now: datetime
) -> int:
    """Store what belongs to the sample, at most `per_hour` in any hour; return how many.

    Authors who must not be stored are looked up in the same transaction; a post that is there
    already stays as it is.
    """
    since = now - timedelta(hours=1)
    query = select(func.count()).where(rejected_posts.c.sampled_at > since)
    room = per_hour - transaction.execute(query).scalar_one()
    if room <= 0 or not sample:
        return 0
    authors = [each.author_hash for each in sample]
    gone = suppression.find_suppressed(transaction, authors)
    kept = [each for each in sample if each.author_hash not in gone][:room]
    for each in kept:
        statement = insert_ignore(transaction, rejected_posts).values(_columns(each, now))
        transaction.execute(statement)
    return len(kept)


def find(transaction: Transaction, sample_id: str) -> RejectedPost:
    """Return one whose text is still there.

    Raises:
        NotFoundError: It is not there any more.
    """
    query = select(rejected_posts).where(
        rejected_posts.c.sample_id == sample_id, rejected_posts.c.text != ""
    )
    found = transaction.execute(query).first()
    if found is None:
        raise NotFoundError("rejected post", sample_id)
    return _read(found)


def list_unmarked(transaction: Transaction, *, limit: int = 20) -> list[RejectedPost]:
    """Return posts that wait for a mark, oldest first."""
    query = (
        select(rejected_posts)
        .where(rejected_posts.c.mark == "")
        .order_by(rejected_posts.c.sampled_at, rejected_posts.c.sample_id)
        .limit(limit)
    )
    return [_read(row) for row in transaction.execute(query)]


def mark(
    transaction: Transaction, sample_id: str, said: Mark, *, actor: str, now: datetime
) -> RejectedPost:
    """Say whether a rejected post asks for something; one that does is learned from.

    Raises:
        NotFoundError: It is not there any more.
    """
    post = find(transaction, sample_id)
    kind = FeedbackKind.MISSED if said is Mark.ASK else FeedbackKind.NOT_A_LEAD
    tap = Tap(
        kind=kind,
        given_by=actor,
        given_at=now,
        post_hash=sample_id,
        author_hash=post.author_hash,
        features=post.features,
    )
    give(transaction, tap)
    _update(transaction, sample_id, mark=said.value, marked_by=actor, marked_at=now)
    return post


def read_miss_rate(transaction: Transaction, *, since: datetime) -> MissRate:
    """Return what was marked at `since` or later."""
    query = (
        select(rejected_posts.c.mark, func.count())
        .where(rejected_posts.c.mark != "", rejected_posts.c.marked_at >= since)
        .group_by(rejected_posts.c.mark)
    )
    counts: dict[str, int] = dict(transaction.execute(query).all())
    return MissRate(marked=sum(counts.values()), misses=counts.get(Mark.ASK.value, 0))


def expire(transaction: Transaction, *, now: datetime) -> int:
    """Erase what is older than a day: unmarked posts whole, of marked ones all but the mark."""
    is_over = rejected_posts.c.expires_at <= now
    dropped = transaction.execute(
        delete(rejected_posts).where(is_over, rejected_posts.c.mark == "")
    ).rowcount
    erased = transaction.execute(
        update(rejected_posts).where(is_over, rejected_posts.c.text != "").values(_ERASED)
    ).rowcount
    return dropped + erased


def erase_of_post(transaction: Transaction, source_id: SourceId, post_id: PostId) -> None:
    """Erase a post that was deleted or edited; its mark stays."""
    _erase(transaction, rejected_posts.c.sample_id == hash_post(source_id, post_id))


def erase_of_author(transaction: Transaction, author_hash: str) -> None:
    """Erase every post of this author; marks stay."""
    if author_hash:
        _erase(transaction, rejected_posts.c.author_hash == author_hash)


# What must not be left of a post, but for its mark.
_ERASED: dict[str, object] = {
    "author_hash": "", "title": "", "text": "", "url": "", "place": "", "features": {},
}  # fmt: skip


def _erase(transaction: Transaction, condition: Any) -> None:
    transaction.execute(delete(rejected_posts).where(condition, rejected_posts.c.mark == ""))
    transaction.execute(update(rejected_posts).where(condition).values(_ERASED))


def _update(transaction: Transaction, sample_id: str, **values: object) -> None:
    transaction.execute(
        update(rejected_posts).where(rejected_posts.c.sample_id == sample_id).values(**values)
    )


def _columns(each: Rejected, now: datetime) -> dict[str, object]:
    post = each.post
    return {
        "sample_id": hash_post(post.source_id, post.post_id),
        "source_id": post.source_id,
        "author_hash": each.author_hash,
        # The text column tells whether a post is still there, so it is never empty.
        "title": post.title if post.title and post.text and post.full_text != post.text else "",
        "text": post.text or post.title,
        "url": post.url,
        "lang": (each.features.lang if each.features.lang != "und" else post.lang_hint)[:8],
        "place": post.place,
        "features": each.features.model_dump(mode="json", exclude_defaults=True),
        "published_at": post.published_at,
        "sampled_at": now,
        "expires_at": now + KEPT,
    }


def _read(row: Row[Any]) -> RejectedPost:
    return RejectedPost(
        sample_id=row.sample_id,
        source_id=SourceId(row.source_id),
        author_hash=row.author_hash,
        title=row.title,
        text=row.text,
        url=row.url,
        lang=row.lang,
        place=row.place,
        features=Features.model_validate(row.features),
        published_at=row.published_at,
        sampled_at=row.sampled_at,
        mark=Mark(row.mark) if row.mark else None,
    )

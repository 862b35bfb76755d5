"""Rejected posts that people look at, and how many of them should have been found."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.auth import require
from api.deps import Caller, GivenServices, Services
from api.openapi import problems
from api.schemas.learning import Misses, MissRateOut, SetMark, read_rate, read_rejected
from api.tapping import DAYS, set_mark
from askwatch.model.expert import Role
from askwatch.state import rejected_posts
from askwatch.state.engine import Transaction
from askwatch.state.rejected_posts import MissRate

routes = APIRouter(prefix="/api/v1/misses", tags=["learning"])

Judge = Annotated[Caller, Depends(require(Role.SALES, Role.ADMIN))]


@routes.get("", summary="What may have been missed", responses=problems(422))
def list_misses(
    services: GivenServices,
    _caller: Judge,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    days: Annotated[int, Query(ge=1, le=365, description="For the rate")] = DAYS,
) -> Misses:
    """Show the miss rate, and rejected posts that nobody has marked yet."""

    def read(transaction: Transaction) -> Misses:
        posts = rejected_posts.list_unmarked(transaction, limit=limit)
        return Misses(
            rate=read_rate(_read_rate(services, transaction, days), days=days),
            posts=tuple(read_rejected(post) for post in posts),
        )

    return services.database.read(read)


@routes.post("/{sample_id}", summary="Mark a rejected post", responses=problems(404, 422))
def mark(services: GivenServices, caller: Judge, sample_id: str, body: SetMark) -> MissRateOut:
    """Say whether it asks for something after all; the answer is the rate with it."""
    set_mark(services, caller, sample_id, body.mark)
    rate = services.database.read(lambda tx: _read_rate(services, tx, DAYS))
    return read_rate(rate, days=DAYS)


def _read_rate(services: Services, transaction: Transaction, days: int) -> MissRate:
    since = services.clock.now() - timedelta(days=days)
    return rejected_posts.read_miss_rate(transaction, since=since)

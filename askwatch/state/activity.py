"""How much is asked and answered in a time: counts of questions and teams, never of people."""

from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlalchemy import Column, func, select

from askwatch.state.engine import Transaction
from askwatch.state.tables import experts, leads


@dataclass(frozen=True, slots=True)
class TeamActivity:
    """How many of a team took a question at least once, and how many the team has."""

    team: str
    took_part: int
    people: int


@dataclass(frozen=True, slots=True)
class Activity:
    """What happened between two times; each count by when it happened."""

    found: int
    alerted: int
    claimed: int
    answered: int
    # Found by us to answered, the median; None when nothing was answered.
    time_to_first_answer_s: float | None
    teams: tuple[TeamActivity, ...]  # by name, not by rank


def read_activity(transaction: Transaction, *, after: datetime, before: datetime) -> Activity:
    """Return what happened from `after` on and before `before`."""

    def count(column: Column[datetime]) -> int:
        query = select(func.count()).select_from(leads).where(column >= after, column < before)
        return int(transaction.execute(query).scalar_one())

    answers = transaction.execute(
        select(leads.c.found_at, leads.c.answered_at).where(
            leads.c.answered_at >= after, leads.c.answered_at < before
        )
    ).all()
    waits = [(row.answered_at - row.found_at).total_seconds() for row in answers]
    return Activity(
        found=count(leads.c.found_at),
        alerted=count(leads.c.first_alerted_at),
        claimed=count(leads.c.claimed_at),
        answered=len(answers),
        time_to_first_answer_s=max(0.0, median(waits)) if waits else None,
        teams=_read_teams(transaction, after, before),
    )


def _read_teams(
    transaction: Transaction, after: datetime, before: datetime
) -> tuple[TeamActivity, ...]:
    took_part = (
        select(experts.c.team, func.count(leads.c.owner_id.distinct()))
        .join(leads, leads.c.owner_id == experts.c.expert_id)
        .where(leads.c.claimed_at >= after, leads.c.claimed_at < before)
        .group_by(experts.c.team)
    )
    active: dict[str, int] = dict(transaction.execute(took_part).all())
    sizes = (
        select(experts.c.team, func.count())
        .where(experts.c.is_active, experts.c.team != "")
        .group_by(experts.c.team)
        .order_by(experts.c.team)
    )
    return tuple(
        TeamActivity(team, active.get(team, 0), people)
        for team, people in transaction.execute(sizes)
    )

"""Who may be told now, who could be later, and the smallest set of people that is likely enough."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from askwatch.model.expert import Expert
from askwatch.model.ids import ExpertId
from askwatch.state import alert_writes
from askwatch.state.engine import Transaction
from router.company import Company
from router.policy import Policy
from router.scoring import Ask, Load, Match, is_on_topic, language_level, rate

_ROLLING = timedelta(hours=24)
# A local day of 25 hours, and some more.
_LOOK_BACK = timedelta(hours=26)


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is told now; when nobody is, the first moment at which somebody could be."""

    chosen: tuple[Match, ...]
    next_at: datetime | None


def choose_experts(
    transaction: Transaction,
    ask: Ask,
    company: Company,
    *,
    excluded: Collection[ExpertId],
    now: datetime,
) -> Choice:
    """Return the smallest set likely to respond; whoever calls holds the planning lock."""
    fitting = [
        expert
        for expert_id, expert in company.experts.items()
        if expert_id not in excluded and _passes_gates(ask, expert, company.policy)
    ]
    if ask.topics:
        fitting = [expert for expert in fitting if not ask.topics.keys().isdisjoint(expert.topics)]
    if not fitting:
        return Choice((), None)
    loads = read_loads(transaction, [expert.expert_id for expert in fitting], now)
    matches: list[Match] = []
    later: list[datetime] = []
    for expert in fitting:
        load = loads[expert.expert_id]
        free_at = find_free(expert, company, load, now)
        if free_at is not None and free_at <= now:
            match = rate(ask, expert, company, load, now)
            if is_on_topic(ask, expert, match.terms, company.policy):
                matches.append(match)
        elif free_at is not None:
            later.append(free_at)
    chosen = smallest_set(matches, company.policy, ask.lead.urgency)
    return Choice(chosen, None if chosen else min(later, default=None))


def smallest_set(matches: Sequence[Match], policy: Policy, urgency: str) -> tuple[Match, ...]:
    """Return the fewest of the best of whom one responds with the wanted probability.

    Nobody whose expected use is below the cost of an interruption is among them; when no set
    reaches the target, it is the best few.
    """
    ranked = sorted(matches, key=lambda match: (-match.value, match.expert.expert_id))
    worth_it = [match for match in ranked if match.value >= policy.interruption_cost]
    chosen: list[Match] = []
    nobody = 1.0
    for match in worth_it[: policy.set_size]:
        chosen.append(match)
        nobody *= 1 - match.probability
        if 1 - nobody >= policy.target(urgency):
            break
    return tuple(chosen)


def read_loads(
    transaction: Transaction, expert_ids: Sequence[ExpertId], now: datetime
) -> dict[ExpertId, Load]:
    """Return what each of these experts has had and has to do."""
    slots = alert_writes.list_slots(transaction, expert_ids, since=now - _LOOK_BACK)
    claims = alert_writes.count_open_claims(transaction, expert_ids)
    return {
        expert_id: Load(tuple(slots.get(expert_id, ())), claims.get(expert_id, 0))
        for expert_id in expert_ids
    }


def find_free(expert: Expert, company: Company, load: Load, now: datetime) -> datetime | None:
    """Return when an expert may be told next: `now`, later, or None when never in sight."""
    if expert.daily_cap == 0 or expert.capacity == 0:
        return None
    calendar = company.calendars[expert.expert_id]
    free_at = now
    if load.open_claims >= expert.capacity:
        # Nobody knows when they will answer; look again in a while.
        free_at = now + timedelta(seconds=company.policy.blocked_retry_s)
    rolling = sorted(at for at in load.told_at if now - at < _ROLLING)
    if len(rolling) >= expert.daily_cap:
        free_at = max(free_at, rolling[-expert.daily_cap] + _ROLLING)
    today = calendar.local_day(now)
    if sum(1 for at in load.told_at if calendar.local_day(at) == today) >= expert.daily_cap:
        free_at = max(free_at, calendar.day_ends_at(now))
    return calendar.next_open(free_at)


def _passes_gates(ask: Ask, expert: Expert, policy: Policy) -> bool:
    """Tell whether an expert may ever be told of this lead; hours, caps and load come later."""
    return (
        expert.is_active
        and expert.has_consented
        and expert.is_disclosure_trained
        and bool(expert.channels)
        and expert.expert_id != ask.lead.handed_in_by
        and language_level(expert, ask.lead.lang) >= policy.min_language_level
    )

"""How leads, alerts and deliveries move: three tables, and nothing moves but by them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from askwatch.errors import AskwatchError
from askwatch.model.alert import AlertState, DeliveryState
from askwatch.model.lead import LeadState


class LeadEvent(StrEnum):
    """What can happen to a lead."""

    PLAN = "plan"
    ALERT_TIMEOUT = "alert timeout"
    DECLINE = "decline"
    CLAIM = "claim"
    HAND_OVER = "hand over"
    RELEASE = "release"
    LEASE_END = "claim lease ends"
    ANSWER = "answer"
    OUTCOME = "outcome"
    NO_OUTCOME = "no outcome"
    PROMOTE = "promote"
    CHANGE = "change"
    CHANGE_TOPIC = "change of topic"
    EDIT_AWAY = "edited away"
    EXPIRE = "expire"
    DISMISS = "dismiss"
    WITHDRAW = "withdraw"


class AlertEvent(StrEnum):
    """What can happen to an alert."""

    RELEASE = "release"
    QUIET = "quiet"
    SENT = "sent"
    OPEN = "open"
    CLAIM = "claim"
    DECLINE = "decline"
    SNOOZE = "snooze"
    WAKE = "wake"
    TIMEOUT = "timeout"
    LOSE = "lose"
    CANCEL = "cancel"
    NOT_DELIVERED = "not delivered"


class DeliveryEvent(StrEnum):
    """What can happen to a delivery."""

    LEASE = "lease"
    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    UNAVAILABLE = "unavailable"
    REJECTED = "rejected"
    REFUSED = "guard says no"
    POSTPONED = "guard says later"
    UNKNOWN = "lease over"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of a table: in `source`, `event` leads to `target` where `guard` holds."""

    source: str
    event: str
    target: str
    guard: str = ""


class ImpossibleTransitionError(AskwatchError):
    """The table has no such row; whoever asked did not look at the state first."""

    def __init__(self, source: str, event: str, target: str) -> None:
        self.source, self.event, self.target = source, event, target
        super().__init__(f"nothing leads from {source} by {event} to {target}")


_UNCLAIMED = (LeadState.NEW, LeadState.HELD, LeadState.ALERTING, LeadState.POOLED)
_UNANSWERED = (LeadState.REVIEW, *_UNCLAIMED, LeadState.CLAIMED)
_OPEN = (*_UNANSWERED, LeadState.ANSWERED)


def _each(
    sources: Sequence[LeadState], event: LeadEvent, target: LeadState | None, guard: str = ""
) -> list[Transition]:
    return [Transition(source, event, target or source, guard) for source in sources]


_S, _E = LeadState, LeadEvent
_WHERE_NEXT = (
    (_S.ALERTING, "somebody may be told now"),
    (_S.HELD, "nobody now, somebody before it expires"),
    (_S.POOLED, "nobody before it expires, or no rung is left"),
)


def _replanned(sources: Sequence[LeadState], event: LeadEvent, guard: str = "") -> list[Transition]:
    return [
        Transition(source, event, target, f"{guard}; {where}" if guard else where)
        for source in sources
        for target, where in _WHERE_NEXT
    ]


LEAD_TRANSITIONS: tuple[Transition, ...] = (
    *_replanned((_S.NEW, _S.HELD), _E.PLAN),
    *_replanned((_S.ALERTING,), _E.ALERT_TIMEOUT, "epoch matches, no live alert is left"),
    *_replanned((_S.ALERTING,), _E.DECLINE, "no live alert is left"),
    *_each(_UNCLAIMED, _E.CLAIM, _S.CLAIMED, "nobody owns it"),
    Transition(_S.CLAIMED, _E.HAND_OVER, _S.CLAIMED, "the colleague is active"),
    *_each(_UNCLAIMED, _E.HAND_OVER, _S.ALERTING, "the colleague was not told"),
    *_replanned((_S.CLAIMED,), _E.RELEASE, "its owner asks"),
    *_replanned((_S.CLAIMED,), _E.LEASE_END, "epoch matches"),
    Transition(_S.CLAIMED, _E.ANSWER, _S.ANSWERED, "disclosure is stated"),
    Transition(_S.ANSWERED, _E.OUTCOME, _S.CLOSED),
    Transition(_S.ANSWERED, _E.NO_OUTCOME, _S.CLOSED, "30 days without an outcome"),
    Transition(_S.REVIEW, _E.PROMOTE, _S.NEW),
    *_each(_OPEN, _E.CHANGE, None, "newer revision"),
    *_replanned((_S.HELD, _S.ALERTING, _S.POOLED), _E.CHANGE_TOPIC, "newer revision"),
    *_each((_S.REVIEW, *_UNCLAIMED), _E.EDIT_AWAY, _S.DISMISSED, "newer revision asks nothing"),
    *_each((_S.REVIEW, *_UNCLAIMED), _E.EXPIRE, _S.EXPIRED, "now >= expires_at"),
    *_each(_UNANSWERED, _E.DISMISS, _S.DISMISSED),
    *_each(_OPEN, _E.WITHDRAW, _S.WITHDRAWN, "its last link is gone"),
    # What is over but still holds text is erased all the same; its state tells how it ended.
    *_each((_S.CLOSED, _S.EXPIRED), _E.WITHDRAW, _S.WITHDRAWN, "erasure"),
)

_A, _AE = AlertState, AlertEvent
_WAITING = (_A.PLANNED, _A.HELD_QUIET, _A.QUEUED)
_SHOWN = (_A.NOTIFIED, _A.SEEN, _A.SNOOZED)
ALERT_TRANSITIONS: tuple[Transition, ...] = (
    Transition(_A.PLANNED, _AE.RELEASE, _A.QUEUED),
    Transition(_A.QUEUED, _AE.QUIET, _A.HELD_QUIET, "the expert's hours are over"),
    Transition(_A.HELD_QUIET, _AE.RELEASE, _A.QUEUED, "the expert's hours begin"),
    Transition(_A.QUEUED, _AE.SENT, _A.NOTIFIED, "first pushing delivery"),
    Transition(_A.NOTIFIED, _AE.OPEN, _A.SEEN),
    *(
        Transition(state, event, target)
        for state in (*_WAITING, *_SHOWN)
        for event, target in (
            (_AE.CLAIM, _A.ACCEPTED),
            (_AE.DECLINE, _A.DECLINED),
            (_AE.LOSE, _A.SUPERSEDED),
            (_AE.CANCEL, _A.CANCELLED),
        )
    ),
    *(Transition(state, _AE.SNOOZE, _A.SNOOZED) for state in (_A.QUEUED, *_SHOWN)),
    *(Transition(state, _AE.NOT_DELIVERED, _A.UNDELIVERABLE) for state in _WAITING),
    Transition(_A.NOTIFIED, _AE.TIMEOUT, _A.TIMED_OUT, "epoch matches"),
    Transition(_A.SEEN, _AE.TIMEOUT, _A.TIMED_OUT, "epoch matches"),
    Transition(_A.SNOOZED, _AE.WAKE, _A.NOTIFIED),
    # Who let the time run out, or said no, may still take the question.
    Transition(_A.TIMED_OUT, _AE.CLAIM, _A.ACCEPTED, "nobody owns the lead"),
    Transition(_A.DECLINED, _AE.CLAIM, _A.ACCEPTED, "nobody owns the lead"),
    Transition(_A.SUPERSEDED, _AE.CLAIM, _A.ACCEPTED, "nobody owns the lead"),
    Transition(_A.CANCELLED, _AE.CLAIM, _A.ACCEPTED, "nobody owns the lead"),
    Transition(_A.UNDELIVERABLE, _AE.CLAIM, _A.ACCEPTED, "nobody owns the lead"),
    Transition(_A.ACCEPTED, _AE.LOSE, _A.SUPERSEDED, "handed over"),
    Transition(_A.ACCEPTED, _AE.CANCEL, _A.CANCELLED, "given back, or the lease ended"),
)

_D, _DE = DeliveryState, DeliveryEvent
DELIVERY_TRANSITIONS: tuple[Transition, ...] = (
    Transition(_D.PENDING, _DE.LEASE, _D.SENDING, "due"),
    Transition(_D.FAILED_TEMP, _DE.LEASE, _D.SENDING, "due"),
    Transition(_D.SENDING, _DE.UNKNOWN, _D.SENDING, "its lease is over: attempt + 1"),
    Transition(_D.SENDING, _DE.ACCEPTED, _D.SENT),
    Transition(_D.SENT, _DE.CONFIRMED, _D.DELIVERED, "the channel can tell"),
    Transition(_D.SENDING, _DE.UNAVAILABLE, _D.FAILED_TEMP, "attempts are left"),
    Transition(_D.SENDING, _DE.UNAVAILABLE, _D.FAILED_PERM, "no attempt is left"),
    Transition(_D.SENDING, _DE.REJECTED, _D.FAILED_PERM),
    Transition(_D.SENDING, _DE.REFUSED, _D.STALE),
    Transition(_D.SENDING, _DE.POSTPONED, _D.PENDING, "quiet hours"),
    Transition(_D.PENDING, _DE.CANCEL, _D.STALE),
    Transition(_D.FAILED_TEMP, _DE.CANCEL, _D.STALE),
)

_LEAD = frozenset((row.source, row.event, row.target) for row in LEAD_TRANSITIONS)
_ALERT = frozenset((row.source, row.event, row.target) for row in ALERT_TRANSITIONS)


def check_lead(source: LeadState, event: LeadEvent, target: LeadState) -> LeadState:
    """Return `target` when the table leads there.

    Raises:
        ImpossibleTransitionError: It does not.
    """
    if (source, event, target) not in _LEAD:
        raise ImpossibleTransitionError(source, event, target)
    return target


def move_alert(source: AlertState, event: AlertEvent) -> AlertState:
    """Return where `event` leads an alert.

    Raises:
        ImpossibleTransitionError: Nowhere.
    """
    for row in ALERT_TRANSITIONS:
        if row.source == source and row.event == event:
            return AlertState(row.target)
    raise ImpossibleTransitionError(source, event, "anything")


def can_move_alert(source: AlertState, event: AlertEvent) -> bool:
    """Tell whether `event` means anything to an alert in `source`."""
    return any(key[:2] == (source, event) for key in _ALERT)


def print_tables() -> str:
    """Return the three tables as Markdown; docs/lifecycle.md is made of this."""
    return "\n".join(
        _print_table(title, rows)
        for title, rows in (
            ("Lead", LEAD_TRANSITIONS),
            ("Alert", ALERT_TRANSITIONS),
            ("Delivery", DELIVERY_TRANSITIONS),
        )
    )


def _print_table(title: str, rows: Sequence[Transition]) -> str:
    lines = [f"## {title}", "", "| from | event | guard | to |", "| --- | --- | --- | --- |"]
    lines += [f"| {row.source} | {row.event} | {row.guard} | {row.target} |" for row in rows]
    return "\n".join([*lines, ""])

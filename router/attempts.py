"""One attempt to bring an alert: begun under a lease, judged, and ended with what came of it."""

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from askwatch.clock import Clock
from askwatch.links import LeadLink, lead_link_url
from askwatch.model.alert import AlertState, Channel, DeliveryState
from askwatch.reason_words import tell_first
from askwatch.settings import Settings
from askwatch.state import alert_writes, deliveries, lead_writes
from askwatch.state.alerts import AlertRow, DeliveryRow, list_deliveries
from askwatch.state.engine import Database, Transaction
from askwatch.state.leads import LeadRow, find_lead
from router import moves, planning
from router.channels.base import Card
from router.company import CompanyCache
from router.guard import Ruling, judge
from router.step import Step, read_reach

log = logging.getLogger(__name__)

# Longer than a slow server keeps us: connection, greeting, login and data each take a time-out.
_LEASE_TIMEOUTS = 6
# Full jitter (Brooker, AWS Architecture Blog, 2015) up to five minutes, which is what most
# servers that greylist ask for.
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 2.0, 300.0
_MOST_ATTEMPTS = 12
# With a mail server away this long, an alert in the inbox has to do.
_FALL_BACK_AFTER = 3
_UNSENT = frozenset({AlertState.QUEUED, AlertState.HELD_QUIET})

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A delivery that this process holds the lease of, and what it is to say."""

    delivery: DeliveryRow
    card: Card


class Attempts:
    """Writes how deliveries go. Thread-safe."""

    def __init__(self, *, database: Database, settings: Settings, clock: Clock, owner: str) -> None:
        self._database, self._settings, self._clock = database, settings, clock
        self._owner = owner[:64]
        self._reach = read_reach(settings)
        self._companies = CompanyCache()
        self._lease = timedelta(seconds=_LEASE_TIMEOUTS * settings.smtp_timeout_s)

    def find_due(self, channel: Channel, *, limit: int) -> list[DeliveryRow]:
        """Return deliveries that wait to be tried; nothing is taken."""
        now = self._clock.now()
        return self._database.read(
            lambda transaction: deliveries.find_due(transaction, channel, now=now, limit=limit)
        )

    def begin(self, row: DeliveryRow) -> Attempt | None:
        """Take the lease and look once more; None when it is not to be sent, or not by us."""
        return self._write(lambda step: self._begin(step, row))

    def deliver(self, rows: Sequence[DeliveryRow], send: Callable[[Card], str]) -> int:
        """Begin and end attempts in one transaction; only for a `send` without a network."""

        def work(step: Step) -> int:
            lead_writes.lock_leads(step.transaction, {row.lead_id for row in rows})
            sent = 0
            for row in rows:
                attempt = self._begin(step, row)
                if attempt is not None:
                    send(attempt.card)
                    sent += int(self._note_sent(step, attempt.delivery))
            return sent

        return self._write(work)

    def note_sent(self, row: DeliveryRow) -> None:
        """Say that the channel has accepted it: the expert's time to respond begins."""
        if not self._write(lambda step: self._note_sent(step, row)):
            # It took longer than its lease; somebody else may have sent it again.
            log.warning("lease lost", extra={"delivery_id": row.delivery_id})

    def note_unavailable(self, row: DeliveryRow, reason: str) -> None:
        """Say that it is to be tried again after a pause, or given up after many attempts."""
        if row.attempt >= _MOST_ATTEMPTS:
            self.note_rejected(row, reason)
            return
        longest_s = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** (row.attempt - 1))
        pause = timedelta(seconds=random.uniform(0, longest_s))

        def work(step: Step) -> None:
            lead = find_lead(step.transaction, row.lead_id, for_update=True)
            state = DeliveryState.FAILED_TEMP
            deliveries.end_attempt(
                step.transaction, row, state, due_at=step.now + pause, error=reason
            )
            if row.attempt >= _FALL_BACK_AFTER:
                _fall_back(step, lead, row)
            step.tally.deliveries[row.channel.value, "failed_temp"] += 1

        self._write(work)

    def note_rejected(self, row: DeliveryRow, reason: str) -> None:
        """Say that the channel will never take it; the inbox is what is left."""

        def work(step: Step) -> None:
            lead = find_lead(step.transaction, row.lead_id, for_update=True)
            state = DeliveryState.FAILED_PERM
            if deliveries.end_attempt(step.transaction, row, state, error=reason):
                _fall_back(step, lead, row)
            step.tally.deliveries[row.channel.value, "failed_perm"] += 1

        self._write(work)

    def _begin(self, step: Step, row: DeliveryRow) -> Attempt | None:
        lead = find_lead(step.transaction, row.lead_id, for_update=True)
        until = step.now + self._lease
        taken = deliveries.take_lease(step.transaction, row, self._owner, until=until)
        alert = alert_writes.get_alert(step.transaction, row.alert_id)
        if taken is None or alert is None:
            return None
        verdict = judge(taken, alert, lead, step.company, step.now)
        if verdict.ruling is Ruling.SEND:
            return Attempt(taken, self._make_card(step, taken, alert, lead))
        is_later = verdict.ruling is Ruling.LATER
        deliveries.end_attempt(
            step.transaction,
            taken,
            DeliveryState.PENDING if is_later else DeliveryState.STALE,
            due_at=verdict.until,
            error=verdict.reason,
        )
        if is_later and row.kind == "alert":
            moves.hold_quiet(step, lead, alert)
        step.tally.deliveries[row.channel.value, verdict.ruling.value] += 1
        return None

    def _note_sent(self, step: Step, row: DeliveryRow) -> bool:
        lead = find_lead(step.transaction, row.lead_id, for_update=True)
        state = DeliveryState.SENT
        if not deliveries.end_attempt(step.transaction, row, state, sent_at=step.now):
            return False
        if row.kind == "alert":
            alert = alert_writes.get_alert(step.transaction, row.alert_id)
            if alert is not None and alert.state in _UNSENT and _is_pushing(step, row):
                moves.mark_notified(step, lead, alert)
            if lead.first_alerted_at is None:
                _note_first(step, lead)
        step.tally.deliveries[row.channel.value, "sent"] += 1
        return True

    def _make_card(self, step: Step, row: DeliveryRow, alert: AlertRow, lead: LeadRow) -> Card:
        company, expert = step.company, step.company.experts[row.expert_id]
        live = alert_writes.list_live(step.transaction, lead.lead_id)
        link = LeadLink(expert.expert_id, lead.lead_id)
        return Card(
            delivery_id=row.delivery_id,
            message_id=row.message_id,
            kind=row.kind,
            expert=expert,
            topic=company.topic_name(lead.topic_id, expert.locale),
            quote=lead.full_text,
            lang=lead.lang,
            age_s=max(0.0, (step.now - lead.published_at).total_seconds()),
            because=alert.because,
            topic_names={
                str(key): each.name_in(expert.locale) for key, each in company.topics.items()
            },
            others_told=sum(1 for each in live if each.expert_id != expert.expert_id),
            asks=tell_first(lead.reasons, expert.locale),
            url=lead_link_url(self._settings.public_url, self._settings.secret_key, link),
            settings_url=f"{self._settings.public_url}/me",
        )

    def _write(self, work: Callable[[Step], T]) -> T:
        def run(transaction: Transaction) -> tuple[T, Step]:
            now = self._clock.now()
            step = Step(
                transaction=transaction,
                now=now,
                company=self._companies.get(transaction, now),
                reach=self._reach,
            )
            return work(step), step

        result, step = self._database.write(run)
        step.tally.observe()
        return result


def _is_pushing(step: Step, row: DeliveryRow) -> bool:
    """Tell whether this channel calls the expert; the inbox does where it is all they have."""
    if row.channel is not Channel.INBOX:
        return True
    return not any(
        each.channel is not Channel.INBOX and each.state is not DeliveryState.FAILED_PERM
        for each in list_deliveries(step.transaction, [row.alert_id])
    )


def _note_first(step: Step, lead: LeadRow) -> None:
    """Note when the first colleague heard of a lead, and how long after the post that was."""
    lead_writes.update_lead(
        step.transaction, lead, kind="lead.changed", now=step.now, first_alerted_at=step.now
    )
    age_s = (step.now - lead.observed_at).total_seconds()
    step.tally.first_alerts.append((lead.source_id, max(0.0, age_s)))


def _fall_back(step: Step, lead: LeadRow, row: DeliveryRow) -> None:
    """Let the inbox count when another channel fails; open one for who had not chosen it."""
    if row.kind != "alert":
        return
    alert = alert_writes.get_alert(step.transaction, row.alert_id)
    if alert is None or alert.state is not AlertState.QUEUED:
        return
    known = [
        each
        for each in list_deliveries(step.transaction, [row.alert_id])
        if each.channel is Channel.INBOX and each.kind == "alert"
    ]
    if not known:
        planning.add_inbox(step, alert)
    elif known[0].state is DeliveryState.SENT:
        moves.mark_notified(step, lead, alert)

"""Deliveries: once each, judged at the last moment, tried again, never forgotten."""

import threading
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from askwatch.clock import ManualClock, SystemClock
from askwatch.model.alert import AlertState, Channel, DeliveryState
from askwatch.model.ids import ExpertId
from askwatch.model.lead import LeadState
from askwatch.state import deliveries
from askwatch.state.alerts import DeliveryRow
from askwatch.state.engine import Database
from router.attempts import Attempts
from router.audit import find_violations
from router.channels.base import Card, ChannelRejectedError, ChannelUnavailableError
from router.channels.inbox import InboxChannel
from router.circuit import Circuit
from router.delivery import DeliveryProcess
from router.stage import make_delivery, make_timers
from tests.router.worlds import ANNA, BO, CARL, WITH_MAIL, RecordingChannel, World, make_expert

AWAY = ChannelUnavailableError("email", "SMTP 451")
MINUTE, HOUR = 60.0, 3600.0


def attempts_of(world: World, owner: str = "other") -> Attempts:
    return Attempts(
        database=world.database, settings=world.settings, clock=world.clock, owner=owner
    )


def mail_rows(world: World) -> list[DeliveryRow]:
    now = world.clock.now()
    return world.database.read(lambda tx: deliveries.find_due(tx, Channel.EMAIL, now=now, limit=10))


def test_the_time_to_respond_begins_with_the_mail_and_not_with_the_inbox(world: World) -> None:
    lead = world.find()
    world.mail.error = AWAY
    world.delivery.tick()
    (alert,) = world.alerts(lead.lead_id).values()
    states = world.delivery_states(lead.lead_id)
    assert states[alert.expert_id, Channel.INBOX, "alert"] is DeliveryState.SENT
    assert states[alert.expert_id, Channel.EMAIL, "alert"] is DeliveryState.FAILED_TEMP
    assert alert.state is AlertState.QUEUED
    assert "alert_timeout" not in world.timer_kinds(lead.lead_id)
    assert world.lead(lead.lead_id).first_alerted_at is not None
    world.mail.error = None
    world.clock.advance(5)
    world.deliver()
    (alert,) = world.alerts(lead.lead_id).values()
    assert alert.state is AlertState.NOTIFIED
    assert world.timer_kinds(lead.lead_id) == ["alert_timeout", "expire", "remind"]


def test_the_inbox_counts_where_it_is_all_there_is(inbox_world: World) -> None:
    lead = inbox_world.find()
    inbox_world.deliver()
    assert set(inbox_world.alert_states(lead.lead_id).values()) == {AlertState.NOTIFIED}
    assert inbox_world.delivery.stats() == {"sent_inbox": 1}


def test_the_inbox_takes_over_when_the_mail_server_stays_away(world: World) -> None:
    world.mail.error = AWAY
    lead = world.find()
    world.pass_time(30, step_s=1)
    assert set(world.alert_states(lead.lead_id).values()) == {AlertState.NOTIFIED}
    assert len({card.message_id for card in world.mail.cards}) == 1
    assert len(world.mail.cards) >= 3


def test_a_refused_mail_leaves_the_inbox(small_world: World) -> None:
    world = small_world
    world.mail.error = ChannelRejectedError("email", "SMTP 550")
    lead = world.find()
    world.deliver()
    states = world.delivery_states(lead.lead_id)
    assert set(states.values()) == {DeliveryState.SENT, DeliveryState.FAILED_PERM}
    assert set(world.alert_states(lead.lead_id).values()) == {AlertState.NOTIFIED}
    assert len(world.mail.cards) == 1


def test_an_inbox_is_opened_for_who_had_chosen_mail_alone(small_world: World) -> None:
    world = small_world
    for each in (ANNA, BO):
        world.put_experts(make_expert(each, channels=(Channel.EMAIL,)))
    world.mail.error = ChannelRejectedError("email", "SMTP 550")
    lead = world.find()
    world.deliver()
    assert set(world.alert_states(lead.lead_id).values()) == {AlertState.NOTIFIED}


def test_after_many_tries_a_mail_is_given_up(small_world: World) -> None:
    world = small_world
    lead = world.find()
    (row,) = mail_rows(world)
    attempts = attempts_of(world)
    for _ in range(12):
        attempt = attempts.begin(row)
        assert attempt is not None
        attempts.note_unavailable(attempt.delivery, "SMTP 451")
        found = world.database.read(partial(deliveries.find_delivery, delivery_id=row.delivery_id))
        assert found is not None
        row = found
    assert row.state is DeliveryState.FAILED_PERM
    assert world.lead(lead.lead_id).state is LeadState.ALERTING


def test_an_attempt_whose_lease_is_over_is_made_again_under_the_same_id(world: World) -> None:
    lead = world.find()
    (row,) = mail_rows(world)
    zombie = attempts_of(world, "zombie")
    lost = zombie.begin(row)
    assert lost is not None
    assert world.delivery._mail is not None
    assert world.delivery._mail.tick(threading.Event()) == 0  # under its lease nobody tries
    world.clock.advance(10 * MINUTE)
    assert world.delivery._mail.tick(threading.Event()) == 1
    assert world.mail.cards[0].message_id == lost.card.message_id
    # The zombie wakes up and finds that its word counts no more.
    zombie.note_sent(lost.delivery)
    zombie.note_rejected(lost.delivery, "late")
    states = world.delivery_states(lead.lead_id)
    assert DeliveryState.FAILED_PERM not in states.values()


def test_two_workers_send_a_mail_once(world: World) -> None:
    world.find()
    (row,) = mail_rows(world)
    assert attempts_of(world, "a").begin(row) is not None
    assert attempts_of(world, "b").begin(row) is None


def test_what_was_claimed_meanwhile_is_not_sent(world: World) -> None:
    lead = world.find()
    (row,) = mail_rows(world)
    attempt = attempts_of(world).begin(row)
    assert attempt is not None
    world.decisions.claim(
        lead.lead_id, CARL if CARL in world.alerts(lead.lead_id) else BO, actor="x"
    )
    assert attempts_of(world, "b").begin(row) is None
    # One that was under way when the claim came is noted as sent, and nothing more.
    attempts_of(world).note_sent(attempt.delivery)
    assert world.lead(lead.lead_id).state is LeadState.CLAIMED


def test_outside_the_hours_nothing_is_sent_and_the_alert_waits(small_world: World) -> None:
    world = small_world
    world.set_policy(delivery_deadline_s=DAY_S)
    world.clock.advance(5.95 * HOUR)  # 16:57, three minutes before the end of the day
    lead = world.find()
    world.clock.advance(10 * MINUTE)
    world.deliver()
    assert world.mail.cards == []
    (alert,) = world.alerts(lead.lead_id).values()
    assert alert.state is AlertState.HELD_QUIET
    world.clock.advance(15 * HOUR)  # 08:07 the next morning
    world.deliver()
    (alert,) = world.alerts(lead.lead_id).values()
    assert alert.state is AlertState.NOTIFIED
    assert len(world.mail.cards) == 1


def test_whom_the_quiet_hours_keep_is_passed_over(small_world: World) -> None:
    world = small_world
    world.clock.advance(5.95 * HOUR)
    lead = world.find()
    world.clock.advance(10 * MINUTE)
    world.deliver()
    world.fire()
    states = world.alert_states(lead.lead_id)
    assert set(states.values()) == {AlertState.UNDELIVERABLE}
    assert world.lead(lead.lead_id).state is LeadState.HELD
    assert find_violations(world.database, world.clock) == []


def test_a_backlog_is_not_sent_when_it_is_stale(small_world: World) -> None:
    world = small_world
    world.put_experts(make_expert(ANNA, is_on_duty=True), make_expert(BO, is_on_duty=True))
    lead = world.find()
    world.clock.advance(6 * HOUR)
    world.deliver()
    assert world.mail.cards == []
    assert set(world.delivery_states(lead.lead_id).values()) == {DeliveryState.STALE}


def test_who_left_or_wants_no_alerts_gets_none(small_world: World) -> None:
    world = small_world
    first, second = world.find(), world.find(world.make_post("2"))
    for each in (ANNA, BO):
        world.put_experts(make_expert(each, is_active=False))
    world.deliver()
    for each in (ANNA, BO):
        world.put_experts(make_expert(each, has_consented=False))
    for row in [*world.deliveries(first.lead_id), *world.deliveries(second.lead_id)]:
        assert row.state is DeliveryState.STALE
        assert "not active" in row.error
    assert world.mail.cards == []


def test_consent_is_asked_for_at_the_last_moment(small_world: World) -> None:
    world = small_world
    lead = world.find()
    for each in (ANNA, BO):
        world.put_experts(make_expert(each, has_consented=False))
    world.deliver()
    assert {row.error for row in world.deliveries(lead.lead_id)} == {"the expert wants no alerts"}


def test_an_alert_seen_in_the_inbox_is_not_mailed_any_more(small_world: World) -> None:
    world = small_world
    lead = world.find()
    (expert_id,) = world.alerts(lead.lead_id)
    world.decisions.mark_seen(lead.lead_id, expert_id)
    world.decisions.mark_seen(lead.lead_id, expert_id)
    world.deliver()
    assert world.mail.cards == []
    alert = world.alerts(lead.lead_id)[expert_id]
    assert alert.state is AlertState.SEEN
    assert "alert_timeout" in world.timer_kinds(lead.lead_id)


def test_a_slot_is_given_back_only_when_nothing_was_tried(world: World) -> None:
    world.set_policy(set_size=1)
    world.put_experts(
        make_expert(ANNA, daily_cap=1), make_expert(BO, topics=()), make_expert(CARL, topics=())
    )
    lead = world.find()
    world.decisions.dismiss(lead.lead_id, reason="an advert", actor="cli")
    again = world.find(world.make_post("2"))
    assert again.state is LeadState.ALERTING
    world.deliver()
    world.decisions.dismiss(again.lead_id, reason="an advert", actor="cli")
    assert world.find(world.make_post("3")).state is LeadState.HELD


def test_a_channel_that_fails_again_and_again_is_left_alone(clock: ManualClock) -> None:
    circuit = Circuit(clock)
    for _ in range(4):
        circuit.note_failure()
    assert circuit.allows()
    circuit.note_failure()
    assert not circuit.allows()
    clock.advance(16)
    assert circuit.allows()  # one try
    assert not circuit.allows()
    circuit.note_success()
    assert circuit.allows()


def test_a_broken_circuit_makes_no_attempts(small_world: World) -> None:
    world = small_world
    world.mail.error = AWAY
    world.put_experts(make_expert(ANNA, is_on_duty=True, daily_cap=50, capacity=50))
    world.set_policy(fatigue_per_alert=1)
    for number in range(9):
        world.find(world.make_post(str(number)))
    assert world.delivery._mail is not None
    world.delivery._mail.tick(threading.Event())
    assert len(world.mail.cards) == 5
    assert world.delivery._mail.tick(threading.Event()) == 0


def test_the_inbox_needs_no_network() -> None:
    assert InboxChannel().send(replace(_card(), delivery_id="d1")) == "d1"  # type: ignore[arg-type]  # an id


class SlowChannel(RecordingChannel):
    """Hangs until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.let_go = threading.Event(), threading.Event()

    def send(self, card: Card) -> str:
        self.reached.set()
        assert self.let_go.wait(30)
        return super().send(card)


def test_a_channel_that_hangs_does_not_delay_the_inbox(sqlite_database: Database) -> None:
    clock = SystemClock()
    manual = ManualClock(clock.now())
    world = World(sqlite_database, manual)
    world.put_experts(make_expert(ANNA, is_on_duty=True))
    slow = SlowChannel()
    process = DeliveryProcess(
        database=sqlite_database, settings=WITH_MAIL, clock=clock, owner="t", mail=slow
    )
    stop = threading.Event()
    running = threading.Thread(target=process.run, args=(stop,))
    running.start()
    try:
        first = world.find()
        assert slow.reached.wait(20)
        second = world.find(world.make_post("2"))
        assert _wait_for(clock, lambda: _is_in_inbox(world, second.lead_id))
        assert slow.cards == []
    finally:
        slow.let_go.set()
        _wait_for(clock, lambda: len(slow.cards) == 2)
        stop.set()
        running.join(30)
    assert not running.is_alive()
    states = world.delivery_states(first.lead_id)
    assert states[ANNA, Channel.EMAIL, "alert"] is DeliveryState.SENT
    assert process.stats() == {"sent_inbox": 2, "sent_email": 2}


def test_timers_and_deliveries_stop_when_asked(sqlite_database: Database) -> None:
    stop = threading.Event()
    stop.set()
    for make in (make_timers, make_delivery):
        process = make(
            database=sqlite_database,
            bus=None,  # type: ignore[arg-type]  # neither uses it
            settings=WITH_MAIL,
            clock=SystemClock(),
            owner="t",
        )
        process.run(stop)
        assert set(process.stats().values()) == {0}


@pytest.mark.parametrize("threads", [8])
def test_many_threads_send_each_mail_once(world: World, threads: int) -> None:
    world.put_experts(make_expert(ANNA, is_on_duty=True, daily_cap=50, capacity=50))
    world.set_policy(fatigue_per_alert=1)
    for number in range(6):
        world.find(world.make_post(str(number)))
    courier, stop = world.delivery._mail, threading.Event()
    assert courier is not None
    running = [threading.Thread(target=courier.tick, args=(stop,)) for _ in range(threads)]
    for each in running:
        each.start()
    for each in running:
        each.join()
    sent = [card.message_id for card in world.mail.cards]
    assert len(sent) == len(set(sent)) == 6


def _is_in_inbox(world: World, lead_id: str) -> bool:
    states = world.delivery_states(lead_id)  # type: ignore[arg-type]  # a lead's id
    return states.get((ANNA, Channel.INBOX, "alert")) is DeliveryState.SENT


def _wait_for(clock: SystemClock, condition: object) -> bool:
    for _ in range(400):
        if condition():  # type: ignore[operator]  # a function
            return True
        clock.sleep(0.05)
    return False


def _card() -> Card:
    from tests.router.channels.test_email import make_card

    return make_card(expert=make_expert(ExpertId("anna")))


DAY_S = timedelta(days=1).total_seconds()

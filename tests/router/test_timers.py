"""What falls due: once, in its epoch, and never too early."""

import threading
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from askwatch.clock import SystemClock
from askwatch.model.alert import AlertState, Channel, TimerKind
from askwatch.model.decisions import Disclosure
from askwatch.model.ids import ExpertId, LeadId
from askwatch.model.lead import LeadState, Outcome
from askwatch.settings import Settings
from askwatch.state import deliveries, timers
from askwatch.state.engine import Database
from askwatch.state.migrate import migrate
from router.audit import find_violations
from router.step import read_reach
from router.timers import TimerProcess
from tests.router.worlds import ANNA, BO, CARL, World, make_expert, make_understanding

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


def test_without_a_response_the_next_one_is_asked(world: World) -> None:
    lead = world.find()
    world.deliver()
    (first,) = world.alerts(lead.lead_id)
    world.pass_time(14 * MINUTE)
    assert world.alert_states(lead.lead_id)[first] is AlertState.NOTIFIED
    world.pass_time(2 * MINUTE)
    states = world.alert_states(lead.lead_id)
    assert states.pop(first) is AlertState.TIMED_OUT
    assert set(states.values()) == {AlertState.NOTIFIED}
    after = world.lead(lead.lead_id)
    assert (after.state, after.rung, after.epoch) == (LeadState.ALERTING, 2, lead.epoch + 1)
    assert find_violations(world.database, world.clock) == []


def test_when_all_let_it_pass_the_lead_goes_to_the_feed_and_expires(world: World) -> None:
    lead = world.find()
    world.deliver()
    world.pass_time(HOUR)
    assert world.lead(lead.lead_id).state is LeadState.POOLED
    assert set(world.alert_states(lead.lead_id).values()) == {AlertState.TIMED_OUT}
    world.pass_time(48 * HOUR, step_s=HOUR)
    gone = world.lead(lead.lead_id)
    assert (gone.state, gone.closed_at) != (LeadState.POOLED, None)
    assert gone.state is LeadState.EXPIRED
    assert find_violations(world.database, world.clock) == []


def test_an_urgent_lead_moves_on_after_five_minutes(small_world: World) -> None:
    world = small_world
    world.set_policy(set_size=1)
    lead = world.find(understanding=make_understanding(urgency="high"))
    world.deliver()
    world.pass_time(6 * MINUTE)
    assert len(world.alerts(lead.lead_id)) == 2


def test_one_reminder_is_sent_at_sixty_percent(small_world: World) -> None:
    world = small_world
    world.find()
    world.deliver()
    world.pass_time(10 * MINUTE)
    assert [card.kind for card in world.mail.cards] == ["alert", "reminder"]
    world.pass_time(4 * MINUTE)
    assert [card.kind for card in world.mail.cards] == ["alert", "reminder"]


def test_who_has_looked_is_not_reminded(small_world: World) -> None:
    world = small_world
    lead = world.find()
    world.deliver()
    (expert_id,) = world.alerts(lead.lead_id)
    world.decisions.mark_seen(lead.lead_id, expert_id)
    world.pass_time(10 * MINUTE)
    assert [card.kind for card in world.mail.cards] == ["alert"]


def test_a_reminder_counts_to_the_cap(small_world: World) -> None:
    world = small_world
    world.put_experts(
        make_expert(ANNA, daily_cap=1), make_expert(BO, topics=()), make_expert(CARL, topics=())
    )
    world.find()
    world.deliver()
    world.pass_time(14 * MINUTE)
    assert [card.kind for card in world.mail.cards] == ["alert"]
    assert find_violations(world.database, world.clock) == []


def test_a_timer_of_an_old_epoch_changes_nothing(world: World) -> None:
    lead = world.find()
    world.deliver()
    (first,) = world.alerts(lead.lead_id)
    alert = world.alerts(lead.lead_id)[first]
    timer = timers.alert_timer(
        alert.alert_id,
        lead.lead_id,
        TimerKind.ALERT_TIMEOUT,
        epoch=lead.epoch - 1,
        due_at=world.clock.now(),
    )
    world.database.write(lambda tx: timers.put_timer(tx, timer))
    world.fire()
    assert world.alert_states(lead.lead_id)[first] is AlertState.NOTIFIED


def test_two_workers_fire_a_timer_once(world: World) -> None:
    lead = world.find()
    world.deliver()
    world.clock.advance(16 * MINUTE)
    now = world.clock.now()
    due = world.database.read(lambda tx: timers.find_due(tx, now=now, limit=10))
    world.fire()
    rung = world.lead(lead.lead_id).rung
    # The other worker has slept since it looked.
    world.timers._fire(due)
    assert world.lead(lead.lead_id).rung == rung


def test_a_timer_without_its_lead_goes_quietly(small_world: World) -> None:
    world = small_world
    now = world.clock.now()
    for timer in (
        timers.lead_timer(LeadId("nope"), TimerKind.EXPIRE, epoch=1, due_at=now),
        timers.alert_timer("nope", world.find().lead_id, TimerKind.REMIND, epoch=1, due_at=now),  # type: ignore[arg-type]  # no alert's id
    ):
        world.database.write(lambda tx, timer=timer: timers.put_timer(tx, timer))  # type: ignore[misc]  # mypy cannot infer
    world.fire()
    assert world.database.read(lambda tx: timers.count_due(tx, now=now)) == 0


def test_nobody_now_but_somebody_tomorrow_holds_the_lead(world: World) -> None:
    world.clock.advance(8 * HOUR)  # 19:00 in Copenhagen
    lead = world.find()
    assert lead.state is LeadState.HELD
    assert world.timer_kinds(lead.lead_id) == ["expire", "replan"]
    world.pass_time(12 * HOUR, step_s=HOUR)
    assert world.lead(lead.lead_id).state is LeadState.HELD
    world.pass_time(1.2 * HOUR, step_s=MINUTE)
    assert world.lead(lead.lead_id).state is LeadState.ALERTING
    assert find_violations(world.database, world.clock) == []


def test_a_claim_that_is_not_answered_is_warned_of_and_ends(world: World) -> None:
    lead = world.find()
    world.deliver()
    (owner,) = world.alerts(lead.lead_id)
    world.decisions.claim(lead.lead_id, owner, actor="cli")
    world.pass_time(1.1 * HOUR, step_s=MINUTE)
    assert [card.kind for card in world.mail.cards] == ["alert", "nudge"]
    world.pass_time(HOUR, step_s=MINUTE)
    after = world.lead(lead.lead_id)
    assert (after.state, after.owner_id) == (LeadState.ALERTING, None)
    states = world.alert_states(lead.lead_id)
    assert states.pop(owner) is AlertState.CANCELLED
    assert states
    assert find_violations(world.database, world.clock) == []


def test_a_claim_runs_in_its_owners_working_time(small_world: World) -> None:
    world = small_world
    world.clock.advance(5.5 * HOUR)  # 16:30
    lead = world.find()
    world.decisions.claim(lead.lead_id, ANNA, actor="cli")
    world.pass_time(15 * HOUR, step_s=HOUR)
    assert world.lead(lead.lead_id).state is LeadState.CLAIMED
    world.pass_time(3 * HOUR, step_s=10 * MINUTE)
    assert world.lead(lead.lead_id).state is not LeadState.CLAIMED


def test_an_answer_is_asked_about_and_closed_in_the_end(small_world: World) -> None:
    world = small_world
    world.put_experts(make_expert(ANNA, is_on_duty=True))
    lead = world.find()
    world.deliver()
    owner = next(iter(world.alerts(lead.lead_id)))
    _answer(world, lead.lead_id, owner)
    world.pass_time(3.5 * DAY, step_s=HOUR)
    assert world.mail.cards[-1].kind == "outcome"
    world.pass_time(28 * DAY, step_s=DAY)
    closed = world.lead(lead.lead_id)
    assert (closed.state, closed.outcome) == (LeadState.CLOSED, Outcome.NO_REPLY)
    assert find_violations(world.database, world.clock) == []


def test_a_snoozed_alert_comes_back_and_the_others_go_on(small_world: World) -> None:
    world = small_world
    lead = world.find()
    world.deliver()
    (first,) = world.alerts(lead.lead_id)
    until = world.clock.now() + timedelta(hours=1)
    world.decisions.snooze(lead.lead_id, first, until=until, actor="cli")
    world.pass_time(20 * MINUTE)
    assert world.alert_states(lead.lead_id)[first] is AlertState.SNOOZED
    assert len(world.alerts(lead.lead_id)) == 2
    world.pass_time(42 * MINUTE)
    alert = world.alerts(lead.lead_id)[first]
    assert (alert.state, alert.snoozed_until) == (AlertState.NOTIFIED, None)
    assert world.mail.cards[-1].expert.expert_id == first
    assert find_violations(world.database, world.clock) == []


def test_capacity_that_becomes_free_brings_a_held_lead_back(small_world: World) -> None:
    world = small_world
    world.put_experts(
        make_expert(ANNA, capacity=1), make_expert(BO, topics=()), make_expert(CARL, topics=())
    )
    lead = world.find()
    world.decisions.claim(lead.lead_id, ANNA, actor="cli")
    world.clock.advance(MINUTE)
    waiting = world.find(world.make_post("2"))
    assert waiting.state is LeadState.HELD
    _answer(world, lead.lead_id, ANNA)
    world.fire()
    assert world.lead(waiting.lead_id).state is LeadState.ALERTING


def test_a_day_of_many_leads_breaks_no_cap_and_forgets_nothing(world: World) -> None:
    world.put_experts(*(make_expert(ExpertId(f"e{number}"), daily_cap=3) for number in range(3)))
    for number in range(25):
        world.find(world.make_post(str(number)))
        world.deliver()
        world.pass_time(5 * MINUTE, step_s=MINUTE)
    world.pass_time(DAY, step_s=20 * MINUTE)
    assert find_violations(world.database, world.clock) == []


@pytest.mark.parametrize(
    "kind",
    [
        TimerKind.REPLAN,
        TimerKind.CLAIM_WARNING,
        TimerKind.CLAIM_LEASE,
        TimerKind.OUTCOME_CHECK,
        TimerKind.EXPIRE,
    ],
)
def test_a_timer_that_came_too_late_for_its_lead_does_nothing(
    kind: TimerKind, small_world: World
) -> None:
    world = small_world
    lead = world.find()
    world.decisions.claim(lead.lead_id, ANNA, actor="cli")
    if kind in {TimerKind.CLAIM_WARNING, TimerKind.CLAIM_LEASE}:
        _answer(world, lead.lead_id, ANNA)
    before = world.lead(lead.lead_id)
    now = world.clock.now()
    timer = timers.lead_timer(lead.lead_id, kind, epoch=before.epoch, due_at=now)
    world.database.write(lambda tx: timers.put_timer(tx, timer))
    world.fire()
    assert world.lead(lead.lead_id) == before


@pytest.mark.parametrize("kind", [TimerKind.ALERT_TIMEOUT, TimerKind.REMIND, TimerKind.UNSNOOZE])
def test_a_timer_that_does_not_fit_its_alert_does_nothing(
    kind: TimerKind, small_world: World
) -> None:
    world = small_world
    lead = world.find()
    (alert,) = world.alerts(lead.lead_id).values()
    now = world.clock.now()
    timer = timers.alert_timer(alert.alert_id, lead.lead_id, kind, epoch=lead.epoch, due_at=now)
    world.database.write(lambda tx: timers.put_timer(tx, timer))
    world.fire()
    assert world.alerts(lead.lead_id)[alert.expert_id] == alert


def test_an_expiry_that_was_put_off_is_set_again(small_world: World) -> None:
    world = small_world
    lead = world.find()
    now = world.clock.now()
    early = timers.lead_timer(lead.lead_id, TimerKind.EXPIRE, epoch=1, due_at=now)
    world.database.write(lambda tx: timers.put_timer(tx, early))
    world.fire()
    assert world.lead(lead.lead_id).state is LeadState.ALERTING
    assert "expire" in world.timer_kinds(lead.lead_id)


def test_an_alert_put_off_before_it_was_sent_holds_nobody_up(small_world: World) -> None:
    world = small_world
    lead = world.find()
    (first,) = world.alerts(lead.lead_id)
    until = world.clock.now() + timedelta(hours=1)
    world.decisions.snooze(lead.lead_id, first, until=until, actor="cli")
    world.pass_time(6 * MINUTE)
    assert len(world.alerts(lead.lead_id)) == 2


def test_a_mail_under_way_at_the_deadline_leaves_the_inbox_to_count(small_world: World) -> None:
    world = small_world
    lead = world.find()
    (row,) = world.database.read(
        lambda tx: deliveries.find_due(tx, Channel.EMAIL, now=world.clock.now(), limit=9)
    )
    until = world.clock.now() + timedelta(hours=1)
    world.database.write(lambda tx: deliveries.take_lease(tx, row, "hanging", until=until))
    world.deliver()
    assert set(world.alert_states(lead.lead_id).values()) == {AlertState.QUEUED}
    world.pass_time(6 * MINUTE)
    assert set(world.alert_states(lead.lead_id).values()) == {AlertState.NOTIFIED}


def test_a_timer_that_cannot_fire_holds_up_no_other(
    small_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world = small_world
    poisoned = world.find()
    now = world.clock.now()
    (alert,) = world.alerts(poisoned.lead_id).values()
    for timer in (
        timers.lead_timer(poisoned.lead_id, TimerKind.REPLAN, epoch=1, due_at=now),
        timers.alert_timer(alert.alert_id, poisoned.lead_id, TimerKind.EXPIRE, epoch=1, due_at=now),
    ):
        world.database.write(partial(timers.put_timer, timer=timer))
    world.fire()
    assert "timer cannot fire" in caplog.text
    assert world.database.read(lambda tx: timers.count_due(tx, now=now)) == 0
    assert "expire" in world.timer_kinds(poisoned.lead_id)


def test_the_loop_goes_on_while_the_database_is_away(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    process = TimerProcess(database=database, reach=read_reach(Settings()), clock=SystemClock())
    stop = threading.Event()
    running = threading.Thread(target=process.run, args=(stop,))
    running.start()
    migrate(database)
    stop.set()
    running.join(30)
    assert not running.is_alive()
    assert process.stats() == {"fired": 0}
    database.close()


def _answer(world: World, lead_id: LeadId, expert_id: ExpertId) -> None:
    world.decisions.answer(
        lead_id,
        expert_id,
        answer_url="https://example.org/answer",
        disclosed=Disclosure.YES,
        disclosure_reason="",
        actor="cli",
    )

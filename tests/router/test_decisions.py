"""What people decide: one winner, clear refusals, nothing by halves."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from askwatch.errors import (
    AlreadyClaimedError,
    ConflictError,
    GoneError,
    InvalidRequestError,
    NotFoundError,
)
from askwatch.model.alert import AlertState, Channel, DeclineReason, DeliveryState
from askwatch.model.decisions import Decisions, Disclosure
from askwatch.model.ids import ExpertId, LeadId
from askwatch.model.lead import Lane, LeadState, Outcome
from askwatch.state import audit
from router.audit import find_violations
from tests.router.worlds import ANNA, BO, CARL, World, make_expert, make_understanding

CLI = "cli"


def answer(world: World, lead_id: LeadId, expert_id: ExpertId) -> None:
    world.decisions.answer(
        lead_id,
        expert_id,
        answer_url="https://example.org/answer",
        disclosed=Disclosure.YES,
        disclosure_reason="",
        actor=CLI,
    )


def test_it_does_what_the_interface_says(small_world: World) -> None:
    decisions: Decisions = small_world.decisions
    assert decisions is small_world.decisions


def test_who_let_the_time_run_out_may_still_take_it(small_world: World) -> None:
    world = small_world
    lead = world.find()
    world.deliver()
    (first,) = world.alerts(lead.lead_id)
    world.pass_time(16 * 60)
    world.decisions.claim(lead.lead_id, first, actor=CLI)
    states = world.alert_states(lead.lead_id)
    assert states.pop(first) is AlertState.ACCEPTED
    assert set(states.values()) == {AlertState.SUPERSEDED}


def test_anybody_may_take_a_question_without_having_been_asked(small_world: World) -> None:
    world = small_world
    world.put_experts(make_expert(CARL, topics=()))
    lead = world.find()
    world.decisions.claim(lead.lead_id, CARL, actor=CLI)
    assert CARL not in world.alerts(lead.lead_id)
    world.pass_time(3 * 3600, step_s=300)
    assert world.lead(lead.lead_id).state is not LeadState.CLAIMED
    assert find_violations(world.database, world.clock) == []


def test_a_lead_in_review_is_promoted_before_it_is_claimed(world: World) -> None:
    lead = world.find(understanding=make_understanding(lane=Lane.REVIEW))
    with pytest.raises(ConflictError, match="review"):
        world.decisions.claim(lead.lead_id, ANNA, actor=CLI)
    world.decisions.promote(lead.lead_id, actor=CLI)
    world.decisions.promote(lead.lead_id, actor=CLI)
    promoted = world.lead(lead.lead_id)
    assert (promoted.state, promoted.lane) == (LeadState.ALERTING, Lane.ALERT)
    world.decisions.claim(lead.lead_id, ANNA, actor=CLI)


def test_a_final_lead_is_gone_for_every_decision(small_world: World) -> None:
    world = small_world
    lead_id = world.find().lead_id
    world.decisions.dismiss(lead_id, reason="an advert", actor=CLI)
    world.decisions.dismiss(lead_id, reason="an advert", actor=CLI)
    gone = world.lead(lead_id)
    assert (gone.state, gone.text, gone.final_reason) == (LeadState.DISMISSED, "", "an advert")
    until = world.clock.now() + timedelta(hours=1)
    decisions = world.decisions
    acts: tuple[Callable[[], None], ...] = (
        lambda: decisions.claim(lead_id, ANNA, actor=CLI),
        lambda: decisions.release(lead_id, ANNA, actor=CLI),
        lambda: decisions.pass_on(lead_id, ANNA, to=BO, actor=CLI),
        lambda: decisions.decline(lead_id, ANNA, DeclineReason.BUSY, actor=CLI),
        lambda: decisions.snooze(lead_id, ANNA, until=until, actor=CLI),
        lambda: answer(world, lead_id, ANNA),
        lambda: decisions.promote(lead_id, actor=CLI),
        lambda: decisions.set_outcome(lead_id, Outcome.WON, actor=CLI),
    )
    for act in acts:
        with pytest.raises(GoneError, match="dismissed"):
            act()


def test_unknown_leads_and_people_are_named(small_world: World) -> None:
    world = small_world
    lead = world.find()
    with pytest.raises(NotFoundError, match="no lead 'nope'"):
        world.decisions.claim(LeadId("nope"), ANNA, actor=CLI)
    with pytest.raises(NotFoundError, match="no expert 'nobody'"):
        world.decisions.claim(lead.lead_id, ExpertId("nobody"), actor=CLI)
    world.put_experts(make_expert(CARL, is_active=False))
    with pytest.raises(NotFoundError, match="no expert 'carl'"):
        world.decisions.claim(lead.lead_id, CARL, actor=CLI)
    until = world.clock.now() + timedelta(hours=1)
    world.put_experts(make_expert(CARL, topics=()))
    with pytest.raises(NotFoundError, match="alert of yours"):
        world.decisions.snooze(lead.lead_id, CARL, until=until, actor=CLI)
    with pytest.raises(NotFoundError, match="alert of yours"):
        world.decisions.decline(lead.lead_id, CARL, DeclineReason.BUSY, actor=CLI)
    world.decisions.mark_seen(lead.lead_id, CARL)


def test_a_decline_asks_the_next_one_at_once(world: World) -> None:
    lead = world.find()
    world.deliver()
    (first,) = world.alerts(lead.lead_id)
    for _ in range(2):
        world.decisions.decline(lead.lead_id, first, DeclineReason.NOT_MY_TOPIC, actor=CLI)
    alerts = world.alerts(lead.lead_id)
    declined = alerts.pop(first)
    assert (declined.state, declined.decline_reason) == (
        AlertState.DECLINED,
        DeclineReason.NOT_MY_TOPIC,
    )
    assert [alert.state for alert in alerts.values()] == [AlertState.QUEUED]
    (second,) = alerts
    world.decisions.decline(lead.lead_id, second, DeclineReason.BUSY, actor=CLI)
    assert world.lead(lead.lead_id).state is LeadState.POOLED
    # One who said no may change their mind.
    world.decisions.claim(lead.lead_id, first, actor=CLI)
    with pytest.raises(ConflictError, match="give it back"):
        world.decisions.decline(lead.lead_id, first, DeclineReason.BUSY, actor=CLI)
    world.decisions.decline(lead.lead_id, second, DeclineReason.BUSY, actor=CLI)
    assert find_violations(world.database, world.clock) == []


def test_a_decline_after_the_time_is_no_harm(small_world: World) -> None:
    world = small_world
    lead = world.find()
    world.deliver()
    (first,) = world.alerts(lead.lead_id)
    world.pass_time(16 * 60)
    world.decisions.decline(lead.lead_id, first, DeclineReason.BUSY, actor=CLI)
    assert world.alert_states(lead.lead_id)[first] is AlertState.TIMED_OUT


def test_a_claim_given_back_goes_to_the_others(world: World) -> None:
    lead = world.find()
    world.deliver()
    (first,) = world.alerts(lead.lead_id)
    world.decisions.claim(lead.lead_id, first, actor=CLI)
    other = BO if first == ANNA else ANNA
    with pytest.raises(AlreadyClaimedError):
        world.decisions.release(lead.lead_id, other, actor=CLI)
    for _ in range(2):
        world.decisions.release(lead.lead_id, first, actor=CLI)
    after = world.lead(lead.lead_id)
    assert (after.state, after.owner_id) == (LeadState.ALERTING, None)
    assert world.alert_states(lead.lead_id) == {
        first: AlertState.CANCELLED,
        other: AlertState.QUEUED,
    }
    assert world.timer_kinds(lead.lead_id) == ["delivery_deadline", "expire"]
    world.decisions.claim(lead.lead_id, first, actor=CLI)
    assert find_violations(world.database, world.clock) == []


def test_an_owner_hands_the_claim_over_and_the_colleague_is_told(world: World) -> None:
    world.put_experts(make_expert(CARL, topics=()))
    lead = world.find()
    world.deliver()
    (first,) = world.alerts(lead.lead_id)
    world.decisions.claim(lead.lead_id, first, actor=CLI)
    for _ in range(2):
        world.decisions.pass_on(lead.lead_id, first, to=CARL, actor=CLI)
    after = world.lead(lead.lead_id)
    assert (after.state, after.owner_id) == (LeadState.CLAIMED, CARL)
    assert world.alert_states(lead.lead_id) == {
        first: AlertState.SUPERSEDED,
        CARL: AlertState.ACCEPTED,
    }
    world.deliver()
    card = world.mail.cards[-1]
    assert (card.expert.expert_id, card.kind) == (CARL, "handed")
    assert card.because == [{"kind": "passed_on", "values": [str(first).capitalize()]}]
    # And back again: an alert that is over begins anew.
    world.decisions.pass_on(lead.lead_id, CARL, to=first, actor=CLI)
    world.deliver()
    assert world.lead(lead.lead_id).owner_id == first
    assert world.mail.cards[-1].expert.expert_id == first
    assert find_violations(world.database, world.clock) == []


def test_who_was_only_asked_passes_the_alert_on(world: World) -> None:
    world.put_experts(make_expert(CARL, topics=()))
    lead = world.find()
    world.deliver()
    (first,) = world.alerts(lead.lead_id)
    for _ in range(2):
        world.decisions.pass_on(lead.lead_id, first, to=CARL, actor=CLI)
    assert world.alert_states(lead.lead_id) == {
        first: AlertState.CANCELLED,
        CARL: AlertState.QUEUED,
    }
    world.deliver()
    assert world.mail.cards[-1].expert.expert_id == CARL
    assert world.alert_states(lead.lead_id)[CARL] is AlertState.NOTIFIED
    world.pass_time(17 * 60)
    assert world.alert_states(lead.lead_id)[CARL] is AlertState.TIMED_OUT
    with pytest.raises(ConflictError, match="was asked before"):
        world.decisions.pass_on(lead.lead_id, first, to=CARL, actor=CLI)
    assert find_violations(world.database, world.clock) == []


def test_passing_on_has_its_limits(small_world: World) -> None:
    world = small_world
    world.put_experts(make_expert(CARL, topics=()))
    lead = world.find()
    (first,) = world.alerts(lead.lead_id)
    other = BO if first == ANNA else ANNA
    with pytest.raises(InvalidRequestError):
        world.decisions.pass_on(lead.lead_id, first, to=first, actor=CLI)
    with pytest.raises(ConflictError, match="only who was asked"):
        world.decisions.pass_on(lead.lead_id, CARL, to=other, actor=CLI)
    world.decisions.claim(lead.lead_id, first, actor=CLI)
    with pytest.raises(AlreadyClaimedError):
        world.decisions.pass_on(lead.lead_id, other, to=CARL, actor=CLI)
    answer(world, lead.lead_id, first)
    with pytest.raises(ConflictError, match="pass on"):
        world.decisions.pass_on(lead.lead_id, first, to=CARL, actor=CLI)
    review = world.find(world.make_post("2"), make_understanding(lane=Lane.REVIEW))
    with pytest.raises(ConflictError, match="cannot be passed on"):
        world.decisions.pass_on(review.lead_id, first, to=CARL, actor=CLI)


def test_a_snooze_wants_a_time_before_the_end(small_world: World) -> None:
    world = small_world
    lead = world.find()
    (first,) = world.alerts(lead.lead_id)
    now = world.clock.now()
    for until in (now - timedelta(1), now + timedelta(30), now.replace(tzinfo=None)):
        with pytest.raises(InvalidRequestError, match="until"):
            world.decisions.snooze(lead.lead_id, first, until=until, actor=CLI)
    until = now + timedelta(hours=1)
    for _ in range(2):
        world.decisions.snooze(lead.lead_id, first, until=until, actor=CLI)
    assert world.alerts(lead.lead_id)[first].snoozed_until == until
    world.decisions.decline(lead.lead_id, first, DeclineReason.BUSY, actor=CLI)
    with pytest.raises(ConflictError, match="put off"):
        world.decisions.snooze(lead.lead_id, first, until=until, actor=CLI)


def test_an_answer_claims_first_and_says_whom_one_works_for(world: World) -> None:
    lead = world.find()
    for _ in range(2):
        answer(world, lead.lead_id, ANNA)
    after = world.lead(lead.lead_id)
    assert (after.state, after.owner_id, after.disclosed) == (LeadState.ANSWERED, ANNA, "yes")
    assert after.answer_url == "https://example.org/answer"
    assert world.timer_kinds(lead.lead_id) == ["outcome_check"]
    with pytest.raises(AlreadyClaimedError, match="Anna"):
        answer(world, lead.lead_id, BO)
    with pytest.raises(ConflictError, match="answered"):
        world.decisions.dismiss(lead.lead_id, reason="x", actor=CLI)
    for _ in range(2):
        world.decisions.set_outcome(lead.lead_id, Outcome.WON, actor=CLI)
    closed = world.lead(lead.lead_id)
    assert (closed.state, closed.outcome) == (LeadState.CLOSED, Outcome.WON)
    with pytest.raises(GoneError):
        world.decisions.set_outcome(lead.lead_id, Outcome.LOST, actor=CLI)
    assert find_violations(world.database, world.clock) == []


def test_silence_about_the_employer_wants_a_reason(small_world: World) -> None:
    world = small_world
    lead = world.find()
    with pytest.raises(InvalidRequestError, match="say why"):
        world.decisions.answer(
            lead.lead_id,
            ANNA,
            answer_url="",
            disclosed=Disclosure.NO,
            disclosure_reason=" ",
            actor=CLI,
        )
    with pytest.raises(InvalidRequestError, match="https"):
        world.decisions.answer(
            lead.lead_id,
            ANNA,
            answer_url="javascript:alert(1)",
            disclosed=Disclosure.YES,
            disclosure_reason="",
            actor=CLI,
        )
    world.decisions.answer(
        lead.lead_id,
        ANNA,
        answer_url="",
        disclosed=Disclosure.NOT_NEEDED,
        disclosure_reason="answered in private",
        actor=CLI,
    )
    assert world.lead(lead.lead_id).disclosure_reason == "answered in private"


def test_a_dismissal_wants_a_reason_and_an_outcome_wants_an_answer(small_world: World) -> None:
    world = small_world
    lead = world.find()
    with pytest.raises(InvalidRequestError, match="say why"):
        world.decisions.dismiss(lead.lead_id, reason=" ", actor=CLI)
    with pytest.raises(ConflictError, match="answered question"):
        world.decisions.set_outcome(lead.lead_id, Outcome.WON, actor=CLI)


def test_a_release_needs_a_claim(small_world: World) -> None:
    world = small_world
    lead = world.find()
    answer(world, lead.lead_id, ANNA)
    with pytest.raises(ConflictError, match="give back"):
        world.decisions.release(lead.lead_id, ANNA, actor=CLI)


def test_every_decision_leaves_an_entry_without_words_of_the_post(small_world: World) -> None:
    world = small_world
    lead = world.find()
    answer(world, lead.lead_id, ANNA)
    world.decisions.set_outcome(lead.lead_id, Outcome.LOST, actor="expert:anna")
    entries = world.database.read(lambda tx: audit.list_entries(tx, object_id=lead.lead_id))
    assert [entry.action for entry in entries] == ["lead.outcome", "lead.answer", "lead.claim"]
    assert entries[0].actor == "expert:anna"
    assert "Keycloak" not in str(entries)


def test_a_superseded_alert_is_not_delivered_any_more(small_world: World) -> None:
    world = small_world
    world.set_policy(target_normal=0.99)
    lead = world.find()
    assert len(world.alerts(lead.lead_id)) == 2
    world.decisions.claim(lead.lead_id, ANNA, actor=CLI)
    world.deliver()
    assert world.mail.cards == []
    assert world.alert_states(lead.lead_id)[BO] is AlertState.SUPERSEDED
    state = world.delivery_states(lead.lead_id)[BO, Channel.EMAIL, "alert"]
    assert state is DeliveryState.STALE

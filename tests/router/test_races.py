"""Races: many people, workers and replicas at one instant, and still one outcome."""

import threading
from collections.abc import Callable

import pytest

from askwatch.clock import ManualClock
from askwatch.errors import (
    AlreadyClaimedError,
    AskwatchError,
    GoneError,
)
from askwatch.events import LeadKind
from askwatch.model.alert import AlertState
from askwatch.model.ids import ExpertId
from askwatch.model.lead import LeadState
from askwatch.state import audit
from askwatch.state.engine import Database
from router.audit import find_violations
from tests.router.worlds import ANNA, BO, CARL, World, kinds, make_expert, make_understanding

CLI = "cli"


def at_once(count: int, act: Callable[[int], None]) -> list[AskwatchError]:
    """Let `count` threads act at the same moment; return what they were refused with."""
    barrier, refused = threading.Barrier(count), list[AskwatchError]()

    def run(number: int) -> None:
        barrier.wait()
        try:
            act(number)
        except AskwatchError as error:
            refused.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return refused


@pytest.mark.parametrize("count", [2, 200])
def test_of_many_claims_one_wins_and_all_others_learn_who(world: World, count: int) -> None:
    people = [ExpertId(f"e{number}") for number in range(count)]
    world.put_experts(*(make_expert(each, topics=()) for each in people))
    lead = world.find()
    refused = at_once(
        count, lambda number: world.decisions.claim(lead.lead_id, people[number], actor=CLI)
    )
    owner = world.lead(lead.lead_id).owner_id
    assert owner in people
    assert len(refused) == count - 1
    for error in refused:
        assert isinstance(error, AlreadyClaimedError)
        assert (error.owner_id, error.owner_name) == (owner, str(owner).capitalize())
    assert kinds(world.events()).count("lead.claimed") == 1
    assert find_violations(world.database, world.clock) == []


def test_one_button_five_times_is_one_claim(world: World) -> None:
    lead = world.find()
    refused = at_once(5, lambda _: world.decisions.claim(lead.lead_id, ANNA, actor=CLI))
    assert refused == []
    assert kinds(world.events()).count("lead.claimed") == 1
    entries = world.database.read(lambda tx: audit.list_entries(tx, object_id=lead.lead_id))
    assert [entry.action for entry in entries] == ["lead.claim"]


def test_a_claim_and_a_timeout_at_one_instant_leave_one_owner(world: World) -> None:
    lead = world.find()
    world.deliver()
    (expert_id,) = world.alerts(lead.lead_id)
    world.clock.advance(15 * 60)

    def act(number: int) -> None:
        if number:
            world.decisions.claim(lead.lead_id, expert_id, actor=CLI)
        else:
            world.fire()

    assert at_once(2, act) == []
    world.fire()
    after = world.lead(lead.lead_id)
    assert (after.state, after.owner_id) == (LeadState.CLAIMED, expert_id)
    assert world.alert_states(lead.lead_id)[expert_id] is AlertState.ACCEPTED
    assert find_violations(world.database, world.clock) == []


def test_a_claim_and_a_deletion_at_one_instant_end_withdrawn(world: World) -> None:
    lead = world.find()
    gone = world.make_record(LeadKind.WITHDRAWN, world.make_post(revision=2))

    def act(number: int) -> None:
        if number:
            world.decisions.claim(lead.lead_id, ANNA, actor=CLI)
        else:
            world.handle(gone)

    assert all(isinstance(error, GoneError) for error in at_once(2, act))
    assert world.lead(lead.lead_id).state is LeadState.WITHDRAWN
    assert find_violations(world.database, world.clock) == []


def test_fifty_plans_for_one_slot_fill_it_once(world: World, database: Database) -> None:
    world.put_experts(
        make_expert(ANNA, daily_cap=1), make_expert(BO, topics=()), make_expert(CARL, topics=())
    )
    others = [World(database, ManualClock(world.clock.now())) for _ in range(4)]
    records = [world.make_record(post=world.make_post(str(number))) for number in range(50)]

    def act(number: int) -> None:
        for record in records[number::4]:
            others[number].handle(record)

    assert at_once(4, act) == []
    told = [lead for lead in world.all_leads() if lead.state is LeadState.ALERTING]
    assert len(told) == 1
    assert len(world.all_leads()) == 50
    assert find_violations(world.database, world.clock) == []


def test_two_replicas_that_see_two_copies_make_one_lead(world: World, database: Database) -> None:
    others = [World(database, ManualClock(world.clock.now())) for _ in range(4)]
    understanding = make_understanding(signature=("band",))

    def act(number: int) -> None:
        post = world.make_post(str(number))
        others[number].handle(world.make_record(post=post, understanding=understanding))

    assert at_once(4, act) == []
    assert len(world.all_leads()) == 1

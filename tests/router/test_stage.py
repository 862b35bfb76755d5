"""From a record on the stream of leads to a claim."""

import threading
from pathlib import Path

from askwatch.bus.base import NewRecord
from askwatch.bus.sqlite import SqliteBus
from askwatch.clock import ManualClock, SystemClock
from askwatch.events import LEADS
from askwatch.model.alert import AlertState
from askwatch.model.lead import LeadState
from askwatch.state.engine import Database
from router.stage import make_delivery, make_router, make_timers
from tests.router.worlds import ANNA, WITHOUT_MAIL, World, make_expert


def test_a_lead_is_found_alerted_delivered_and_claimed(world: World) -> None:
    lead = world.find()
    assert lead.state is LeadState.ALERTING
    assert ANNA in world.alert_states(lead.lead_id)
    world.deliver()
    assert world.alert_states(lead.lead_id)[ANNA] is AlertState.NOTIFIED
    assert [card.expert.expert_id for card in world.mail.cards][:1]
    world.decisions.claim(lead.lead_id, ANNA, actor="expert:anna")
    lead = world.lead(lead.lead_id)
    assert (lead.state, lead.owner_id) == (LeadState.CLAIMED, ANNA)
    assert world.alert_states(lead.lead_id)[ANNA] is AlertState.ACCEPTED


def test_all_processes_together_bring_a_record_to_the_inbox(
    sqlite_database: Database, tmp_path: Path
) -> None:
    clock = SystemClock()
    world = World(sqlite_database, ManualClock(clock.now()), WITHOUT_MAIL)
    world.put_experts(make_expert(ANNA, is_on_duty=True))
    bus = SqliteBus(tmp_path / "bus.db", partitions=2, retention_s=3600, clock=clock)
    bus.ensure_streams([LEADS])
    stop = threading.Event()
    running = []
    for make in (make_router, make_timers, make_delivery):
        process = make(
            database=sqlite_database, bus=bus, settings=WITHOUT_MAIL, clock=clock, owner="t"
        )
        running.append(threading.Thread(target=process.run, args=(stop,)))
        running[-1].start()
    try:
        record = world.make_record()
        producer = bus.producer()
        producer.produce(LEADS, [NewRecord(record.key, record.to_bytes(), {"schema": "lead/1"})])
        producer.close()
        assert _wait_for_notified(world, clock)
    finally:
        stop.set()
        for each in running:
            each.join(30)
        bus.close()
    assert not any(each.is_alive() for each in running)


def _wait_for_notified(world: World, clock: SystemClock) -> bool:
    for _ in range(600):
        states = [
            state
            for lead in world.all_leads()
            for state in world.alert_states(lead.lead_id).values()
        ]
        if states == [AlertState.NOTIFIED]:
            return True
        clock.sleep(0.05)
    return False

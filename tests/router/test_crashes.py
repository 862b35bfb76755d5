"""SIGKILL where it hurts: nothing is lost, and nothing is told twice but the one open send."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from askwatch.clock import ManualClock
from askwatch.faults import CRASH_VARIABLE
from askwatch.model.alert import AlertState, DeliveryState
from askwatch.state.engine import Database
from router.audit import find_violations
from tests.router.channels.test_email import SmtpServer, smtp
from tests.router.worlds import ANNA, World, make_expert
from tests.servers import ROOT

# One run of every process over the same file, as a child that may be killed.
CHILD = """
import sys
from datetime import datetime
from askwatch.clock import ManualClock
from askwatch.settings import Settings
from askwatch.state.engine import Database
from router.delivery import DeliveryProcess
from router.stage import LeadHandler
from router.step import read_reach
from router.timers import TimerProcess
from askwatch.events import LeadRecord
from tests.router.worlds import make_bus_record

path, smtp_url, now, record = sys.argv[1:]
clock = ManualClock(datetime.fromisoformat(now))
database = Database(f"sqlite:///{path}")
settings = Settings(secret_key="test-key", smtp_url=smtp_url)
reach = read_reach(settings)
handler = LeadHandler(database=database, reach=reach, clock=clock)
parsed = LeadRecord.from_bytes(record.encode())
handler.handle([make_bus_record(parsed, clock.now())])
delivery = DeliveryProcess(database=database, settings=settings, clock=clock, owner="child")
timers = TimerProcess(database=database, reach=reach, clock=clock)
while delivery.tick():
    pass
clock.advance(20 * 60)
while timers.tick() or delivery.tick():
    pass
"""
POINTS = {
    "router.after_handled": 0,
    "delivery.after_lease": 0,
    "delivery.after_provider": 1,
    "delivery.after_sent": 0,
    "timers.mid_batch": 0,
}


def run_child(path: Path, url: str, now: str, record: bytes, crash_at: str = "") -> int:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path), url, now, record.decode()],
        cwd=ROOT,
        env={**os.environ, CRASH_VARIABLE: crash_at},
        check=False,
        timeout=100,
        capture_output=True,
    )
    return done.returncode


@pytest.mark.slow
@pytest.mark.parametrize("point", sorted(POINTS))
def test_a_kill_at_any_point_loses_nothing_and_tells_nobody_twice(
    point: str, sqlite_database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    world = World(sqlite_database, clock)
    world.put_experts(make_expert(ANNA, is_on_duty=True))
    record = world.make_record().to_bytes()
    path = tmp_path / "state.db"
    with smtp() as (server, url):
        now = clock.now().isoformat()
        assert run_child(path, url, now, record, point) == -signal.SIGKILL
        # Whoever comes next finds the lease over.
        clock.advance(10 * 60)
        assert run_child(path, url, clock.now().isoformat(), record) == 0
        mails = _alert_mails(server)
    (lead,) = world.all_leads()
    (alert,) = world.alerts(lead.lead_id).values()
    assert alert.state in {AlertState.TIMED_OUT, AlertState.UNDELIVERABLE}
    assert len(mails) <= 1 + POINTS[point]
    assert len(set(mails)) == 1
    states = {row.state for row in world.deliveries(lead.lead_id) if row.kind == "alert"}
    assert states <= {DeliveryState.SENT, DeliveryState.STALE}
    clock.advance(20 * 60)
    assert find_violations(sqlite_database, clock) == []


def _alert_mails(server: SmtpServer) -> list[bytes]:
    """Return the ids of the alerts that arrived; a reminder is another mail."""
    return [
        line
        for mail in server.mails
        if b"Subject: Someone" in mail
        for line in mail.splitlines()
        if line.lower().startswith(b"message-id:")
    ]


def test_the_control_without_a_kill_is_the_same_way(
    sqlite_database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    world = World(sqlite_database, clock)
    world.put_experts(make_expert(ANNA, is_on_duty=True))
    record = world.make_record().to_bytes()
    with smtp() as (server, url):
        assert run_child(tmp_path / "state.db", url, clock.now().isoformat(), record) == 0
        assert len(_alert_mails(server)) == 1
    (lead,) = world.all_leads()
    assert set(world.alert_states(lead.lead_id).values()) == {AlertState.TIMED_OUT}

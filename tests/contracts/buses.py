"""Opens a bus of each kind for the contract suite, in this process and in another."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest

from askwatch.backends import open_bus as open_by_settings
from askwatch.bus.base import Bus
from askwatch.clock import SystemClock
from askwatch.settings import Settings

STREAM = "posts"
ROOT = Path(__file__).parents[2]

# Joins the group, tells every record it reads, and commits when told to.
_MEMBER = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from askwatch.errors import FencedError
from tests.contracts.buses import STREAM, open_for_tests
from askwatch.settings import Settings
bus = open_for_tests(Settings.model_validate_json(sys.argv[1]))
consumer = bus.consumer(STREAM, group=sys.argv[2])
records = []
while not records:
    records = consumer.poll(max_records=10, timeout_s=1)
for record in records:
    print(bytes(record.value).decode(), flush=True)
sys.stdin.readline()
try:
    consumer.commit()
    print("committed", flush=True)
except FencedError:
    print("fenced", flush=True)
"""


def open_for_tests(settings: Settings) -> Bus:
    """Open the bus that the settings name."""
    return open_by_settings(settings, clock=SystemClock())


@dataclass
class OpenBus:
    """Opens the bus of a test once more at each call, as another process would."""

    settings: Settings
    opened: list[Bus] = field(default_factory=list)
    members: list["subprocess.Popen[str]"] = field(default_factory=list)

    def __call__(self) -> Bus:
        bus = open_for_tests(self.settings)
        bus.ensure_streams([STREAM])
        self.opened.append(bus)
        return bus

    def start_member(self, group: str) -> "subprocess.Popen[str]":
        """Start a process that joins `group`, prints what it reads, and commits at a line."""
        member = subprocess.Popen(
            [sys.executable, "-c", _MEMBER, self.settings.model_dump_json(), group],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.members.append(member)
        return member

    def close(self) -> None:
        for bus in self.opened:
            bus.close()
        for member in self.members:
            member.kill()
            member.wait()
            for pipe in (member.stdin, member.stdout):
                with suppress(BrokenPipeError):
                    if pipe is not None:
                        pipe.close()


def _opening(settings: Settings) -> Iterator[OpenBus]:
    opening = OpenBus(settings)
    yield opening
    opening.close()


@pytest.fixture
def open_sqlite_bus(tmp_path: Path) -> Iterator[OpenBus]:
    yield from _opening(Settings(data_dir=tmp_path, stream_partitions=4))


@pytest.fixture
def open_kafka_bus(kafka_servers: str, tmp_path: Path) -> Iterator[OpenBus]:
    yield from _opening(
        Settings(
            data_dir=tmp_path,
            bus_url=f"kafka://{kafka_servers}",
            stream_prefix=f"test-{uuid4().hex[:8]}-",
            stream_partitions=4,
        )
    )


@pytest.fixture(params=["open_sqlite_bus", pytest.param("open_kafka_bus", marks=pytest.mark.kafka)])
def open_bus(request: pytest.FixtureRequest) -> OpenBus:
    found: OpenBus = request.getfixturevalue(request.param)
    return found

"""Opens a bus of each kind for the contract suite."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from askwatch.bus.base import Bus
from askwatch.bus.sqlite import SqliteBus
from askwatch.clock import SystemClock

STREAM = "posts"
RETENTION_S = 3600.0
# Opens the bus of a test once more, as another process would.
OpenBus = Callable[[], Bus]


@pytest.fixture
def open_sqlite_bus(tmp_path: Path) -> Iterator[OpenBus]:
    opened: list[Bus] = []

    def open_bus() -> Bus:
        bus = SqliteBus(
            tmp_path / "bus.db", partitions=4, retention_s=RETENTION_S, clock=SystemClock()
        )
        bus.ensure_streams([STREAM])
        opened.append(bus)
        return bus

    yield open_bus
    for bus in opened:
        bus.close()


@pytest.fixture
def open_kafka_bus(kafka_servers: str) -> Iterator[OpenBus]:
    from askwatch.bus.kafka import KafkaBus

    opened: list[Bus] = []
    prefix = f"test-{uuid4().hex[:8]}-"

    def open_bus() -> Bus:
        bus = KafkaBus(
            kafka_servers, prefix=prefix, partitions=4, retention_s=RETENTION_S, clock=SystemClock()
        )
        bus.ensure_streams([STREAM])
        opened.append(bus)
        return bus

    yield open_bus
    for bus in opened:
        bus.close()


@pytest.fixture(params=["open_sqlite_bus", pytest.param("open_kafka_bus", marks=pytest.mark.kafka)])
def open_bus(request: pytest.FixtureRequest) -> OpenBus:
    found: OpenBus = request.getfixturevalue(request.param)
    return found

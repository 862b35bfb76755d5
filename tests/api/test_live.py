"""Live updates: over the hub itself, and over HTTP from a real server."""

import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
import uvicorn

from api.auth import SESSION_COOKIE
from api.live import RING_EVENTS, LiveHub
from askwatch.bus.base import NewRecord, Record, Tail
from askwatch.bus.sqlite import SqliteBus
from askwatch.errors import BackendUnavailableError, BusyError
from askwatch.events import EVENTS, EventRecord
from askwatch.model.ids import EventId
from askwatch.observe import LIVE_STREAMS
from tests.api.conftest import World
from tests.api.rows import NOW


def say(bus: SqliteBus, lead_id: str, *, kind: str = "lead.changed", expert_id: str = "") -> None:
    record = EventRecord(
        event_id=EventId(f"{lead_id}-{kind}"), kind=kind, at=NOW, lead_id=lead_id,
        expert_id=expert_id, state="claimed", revision=4,
    )  # fmt: skip
    say_bytes(bus, record.to_bytes())


def say_bytes(bus: SqliteBus, value: bytes) -> None:
    producer = bus.producer()
    producer.produce(EVENTS, [NewRecord("same key", value)])
    producer.close()


@pytest.fixture
def hub(bus: SqliteBus) -> Iterator[LiveHub]:
    opened = LiveHub(bus)
    opened.start()
    yield opened
    opened.close()


async def read_leads(stream: AsyncIterator[str], count: int) -> list[str]:
    """Return the lead ids of the next `count` events, `reload` and comments as they are."""
    found: list[str] = []
    async with asyncio.timeout(20):
        while len(found) < count:
            block = await anext(stream)
            lines = dict(line.partition(": ")[::2] for line in block.splitlines() if line)
            if "event" in lines or block.startswith(":"):
                found.append(lines.get("event", "comment"))
            elif "data" in lines:
                found.append(json.loads(lines["data"])["lead_id"])
    return found


async def wait_for(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not is_so():  # noqa: ASYNC110 - what is waited for happens in a thread
            await asyncio.sleep(0.01)


async def listen(hub: LiveHub, after: str = "", expert_id: str = "") -> AsyncIterator[str]:
    """Return a stream whose first lines are read, so that it is joined."""
    stream = hub.stream(expert_id=expert_id, after=after, heartbeat_s=10)
    assert (await anext(stream)).startswith("retry: 3000\nid: ")
    return stream


def test_every_listener_hears_of_every_lead(bus: SqliteBus, hub: LiveHub) -> None:
    async def run() -> None:
        streams = [await listen(hub), await listen(hub)]
        for lead_id in ("a", "b"):
            say(bus, lead_id)
        for stream in streams:
            assert await read_leads(stream, 2) == ["a", "b"]

    asyncio.run(run())


def test_what_was_missed_is_told_first(bus: SqliteBus, hub: LiveHub) -> None:
    async def run() -> None:
        begun = hub.position()
        say(bus, "a")
        await wait_for(lambda: hub.position() != begun)
        middle = hub.position()
        say(bus, "b")
        await wait_for(lambda: hub.position() != middle)
        assert await read_leads(await listen(hub, after=begun), 2) == ["a", "b"]
        late = await listen(hub, after=middle)
        say(bus, "c")
        assert await read_leads(late, 2) == ["b", "c"]

    asyncio.run(run())


@pytest.mark.parametrize("after", ["nonsense", "other-era.1", ".", "9.9.9", "é.1"])
def test_an_unknown_id_is_told_to_load_again(hub: LiveHub, after: str) -> None:
    async def run() -> None:
        assert await read_leads(await listen(hub, after=after), 1) == ["reload"]

    asyncio.run(run())


def test_who_missed_more_than_is_kept_loads_again(bus: SqliteBus, hub: LiveHub) -> None:
    async def run() -> None:
        begun = hub.position()
        era = begun.partition(".")[0]
        producer = bus.producer()
        record = EventRecord(event_id=EventId("e"), kind="lead.changed", at=NOW, lead_id="a")
        many = [NewRecord("key", record.to_bytes())] * (RING_EVENTS + 1)
        producer.produce(EVENTS, many)
        producer.close()
        await wait_for(lambda: hub.position() == f"{era}.{RING_EVENTS + 1}")
        assert await read_leads(await listen(hub, after=begun), 1) == ["reload"]
        assert await read_leads(await listen(hub, after=f"{era}.2000"), 1) == ["reload"]
        assert await read_leads(await listen(hub, after=f"{era}.1"), RING_EVENTS) == ["a"] * 1000

    asyncio.run(run())


def test_an_alert_concerns_its_expert_alone(bus: SqliteBus, hub: LiveHub) -> None:
    async def run() -> None:
        astrid, bo = await listen(hub, expert_id="astrid"), await listen(hub, expert_id="bo")
        begun = hub.position()
        say(bus, "secret", kind="alert.declined", expert_id="astrid")
        say(bus, "open", expert_id="astrid")
        assert await read_leads(astrid, 2) == ["secret", "open"]
        assert await read_leads(bo, 1) == ["open"]
        again = await listen(hub, after=begun, expert_id="bo")
        assert await read_leads(again, 1) == ["open"]

    asyncio.run(run())


def test_a_quiet_stream_says_that_it_lives(hub: LiveHub) -> None:
    async def run() -> None:
        stream = hub.stream(expert_id="", after="", heartbeat_s=0.01)
        assert await read_leads(stream, 2) == ["comment", "comment"]

    asyncio.run(run())


def test_a_listener_that_does_not_read_is_dropped(bus: SqliteBus, hub: LiveHub) -> None:
    async def run() -> None:
        open_before = LIVE_STREAMS._value.get()
        stream = await listen(hub)
        begun = hub.position()
        for _ in range(257):
            say(bus, "a")
        count = f"{begun.partition('.')[0]}.257"
        await wait_for(lambda: hub.position() == count)
        with pytest.raises(StopAsyncIteration):
            await read_leads(stream, 257)
        assert LIVE_STREAMS._value.get() == open_before

    asyncio.run(run())


def test_an_event_that_cannot_be_read_is_skipped(
    bus: SqliteBus, hub: LiveHub, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        stream = await listen(hub)
        say_bytes(bus, b"{broken")
        say(bus, "a")
        assert await read_leads(stream, 1) == ["a"]

    with caplog.at_level(logging.WARNING):
        asyncio.run(run())
    assert "event not understood" in caplog.text


def test_closing_ends_every_stream_and_lets_no_new_one_wait(hub: LiveHub) -> None:
    async def run() -> None:
        stream = await listen(hub)
        hub.close()
        with pytest.raises(StopAsyncIteration):
            await read_leads(stream, 1)
        late = await listen(hub)
        with pytest.raises(StopAsyncIteration):
            await read_leads(late, 1)

    asyncio.run(run())


def test_a_listener_whose_loop_is_gone_is_forgotten(bus: SqliteBus, hub: LiveHub) -> None:
    streams: list[AsyncIterator[str]] = []

    async def leave_open() -> None:
        streams.append(await listen(hub))

    loop = asyncio.new_event_loop()
    loop.run_until_complete(leave_open())
    loop.close()
    begun = hub.position()
    say(bus, "a")

    async def run() -> None:
        await wait_for(lambda: hub.position() != begun)
        assert await read_leads(await listen(hub, after=begun), 1) == ["a"]

    asyncio.run(run())


class FlakyBus:
    """A bus whose tail fails once when it is told to."""

    def __init__(self, bus: SqliteBus) -> None:
        self._bus = bus
        self.is_broken = threading.Event()

    def tail(self, stream: str) -> Tail:
        return _FlakyTail(self._bus.tail(stream), self.is_broken)


class _FlakyTail:
    def __init__(self, tail: Tail, is_broken: threading.Event) -> None:
        self._tail, self._is_broken = tail, is_broken

    def poll(self, *, max_records: int, timeout_s: float) -> list[Record]:
        if self._is_broken.is_set():
            self._is_broken.clear()
            raise BackendUnavailableError("bus", "gone for a moment")
        return self._tail.poll(max_records=max_records, timeout_s=timeout_s)

    def close(self) -> None:
        self._tail.close()


def test_after_an_interruption_listeners_load_again(bus: SqliteBus) -> None:
    flaky = FlakyBus(bus)
    hub = LiveHub(flaky)  # type: ignore[arg-type]  # the hub only asks for a tail
    hub.start()

    async def run() -> None:
        begun = hub.position()
        stream = await listen(hub)
        flaky.is_broken.set()
        with pytest.raises(StopAsyncIteration):
            await read_leads(stream, 1)
        assert await read_leads(await listen(hub, after=begun), 1) == ["reload"]

    try:
        asyncio.run(run())
    finally:
        hub.close()


def test_there_is_room_for_only_so_many(hub: LiveHub) -> None:
    async def run() -> None:
        streams = [await listen(hub) for _ in range(1_000)]
        with pytest.raises(BusyError):
            hub.check_room()
        for stream in streams:
            await stream.aclose()  # type: ignore[attr-defined]  # it is a generator
        hub.check_room()

    hub.check_room()
    asyncio.run(run())


@contextmanager
def serving(world: World) -> Iterator[str]:
    config = uvicorn.Config(world.app, host="127.0.0.1", port=0, log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        threading.Event().wait(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    world.app.state.live.close()
    server.should_exit = True
    thread.join()


def test_changes_reach_a_browser_and_a_reload_misses_none(world: World) -> None:
    cookie = world.sign_in("astrid").cookies[SESSION_COOKIE]
    with (
        serving(world) as address,
        httpx.Client(base_url=address, cookies={SESSION_COOKIE: cookie}, timeout=20) as client,
    ):
        with client.stream("GET", "/api/v1/events") as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            assert "content-encoding" not in response.headers
            lines = response.iter_lines()
            assert next(lines) == "retry: 3000"
            first = next(lines).removeprefix("id: ")
            say(world.bus, "lead-1")
            hint = next(line for line in lines if line.startswith("data: "))
        assert json.loads(hint.removeprefix("data: ")) == {
            "kind": "lead.changed", "lead_id": "lead-1", "revision": 4, "state": "claimed",
        }  # fmt: skip
        headers = {"Last-Event-ID": first}
        with client.stream("GET", "/api/v1/events", headers=headers) as response:
            again = next(line for line in response.iter_lines() if line.startswith("data: "))
        assert again == hint
        with client.stream("GET", "/api/v1/events", params={"after": "old.1"}) as response:
            assert "event: reload" in (line for line in response.iter_lines())


def test_nobody_listens_without_signing_in(world: World) -> None:
    assert world.anonymous().get("/api/v1/events").status_code == 401

"""Live updates as server-sent events: one reader of the bus, any number of listeners.

The one module whose handlers are `async`: a blocking stream would hold a thread each. What is sent
are hints - which lead changed, to which revision and state; a page looks at the row itself.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from askwatch.bus.base import Bus, Record
from askwatch.errors import BadRecordError, BusyError, RetryableError
from askwatch.events import EVENTS, EventRecord
from askwatch.model.ids import new_id
from askwatch.observe import LIVE_STREAMS

log = logging.getLogger(__name__)

# Who comes back within so many events misses nothing; others load the page again.
RING_EVENTS = 1_000
# A listener so far behind does not read; it is dropped and comes back by itself.
_PENDING_LIMIT = 256
_LISTENERS_LIMIT = 1_000
# Proxies close connections that say nothing for 30 to 60 s.
HEARTBEAT_S = 15.0
# After that a browser connects again, and its session is looked at again.
_STREAM_ENDS_AFTER_S = 900.0
_RECONNECT_MS = 3_000
_POLL_S, _PAUSE_S, _READY_S = 0.25, 1.0, 5.0


class Hint(BaseModel):
    """What a listener is told."""

    model_config = ConfigDict(frozen=True)

    kind: str
    lead_id: str
    revision: int
    state: str


@dataclass(frozen=True, slots=True)
class _Event:
    """A hint with its place in this process's order; `expert_id`: whom alone it concerns."""

    event_id: str
    hint: Hint
    expert_id: str = ""

    def concerns(self, expert_id: str) -> bool:
        return not self.expert_id or self.expert_id == expert_id

    def __str__(self) -> str:
        return f"id: {self.event_id}\ndata: {self.hint.model_dump_json()}\n\n"


@dataclass(eq=False, slots=True)
class _Listener:
    """One open stream; its queue belongs to the event loop."""

    loop: asyncio.AbstractEventLoop
    expert_id: str
    pending: "asyncio.Queue[_Event | None]" = field(
        default_factory=lambda: asyncio.Queue(_PENDING_LIMIT)
    )

    def offer(self, event: _Event | None) -> None:
        """Hand over an event, None to end; who does not read is ended instead."""
        if event is not None and not event.concerns(self.expert_id):
            return
        if self.pending.full():
            while not self.pending.empty():
                self.pending.get_nowait()
            event = None
        self.pending.put_nowait(event)


class LiveHub:
    """Reads the stream of events in a thread, and hands hints to the listeners."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._lock = threading.Lock()
        self._ring: deque[_Event] = deque(maxlen=RING_EVENTS)
        self._listeners: set[_Listener] = set()
        self._era, self._count = new_id()[:8], 0
        self._stop, self._ready = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to read; returns when what is appended from now on will be seen."""
        self._thread = threading.Thread(target=self._run, name="live", daemon=True)
        self._thread.start()
        self._ready.wait(_READY_S)

    def close(self) -> None:
        """End every stream and stop reading."""
        self._stop.set()
        with self._lock:
            self._tell(None)
        if self._thread is not None:
            self._thread.join(timeout=_READY_S)

    def position(self) -> str:
        """Return the id of the newest event: a page that begins there misses nothing."""
        with self._lock:
            return f"{self._era}.{self._count}"

    def check_room(self) -> None:
        """Raise BusyError when too many streams are open in this process."""
        if len(self._listeners) >= _LISTENERS_LIMIT:
            raise BusyError("too many open event streams")

    async def stream(
        self, *, expert_id: str, after: str, heartbeat_s: float = HEARTBEAT_S
    ) -> AsyncIterator[str]:
        """Yield events behind `after`, then those to come; "" begins now.

        An id that is not known (any more) is answered with the event `reload`.
        """
        listener = _Listener(asyncio.get_running_loop(), expert_id)
        missed, position = self._join(listener, after)
        ends_at = listener.loop.time() + _STREAM_ENDS_AFTER_S
        LIVE_STREAMS.inc()
        try:
            yield f"retry: {_RECONNECT_MS}\nid: {position}\n\n"
            if missed is None:
                yield f"event: reload\nid: {position}\ndata: {{}}\n\n"
            for event in missed or ():
                yield str(event)
            while listener.loop.time() < ends_at:
                try:
                    found = await asyncio.wait_for(listener.pending.get(), heartbeat_s)
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                if found is None:
                    return
                yield str(found)
        finally:
            LIVE_STREAMS.dec()
            with self._lock:
                self._listeners.discard(listener)

    def _join(self, listener: _Listener, after: str) -> tuple[list[_Event] | None, str]:
        """Add a listener; return what it missed, None when that is not known, and where it is."""
        with self._lock:
            newest = f"{self._era}.{self._count}"
            if not self._stop.is_set():
                self._listeners.add(listener)
            else:
                listener.offer(None)
            if not after or after == newest:
                return [], newest
            era, _, number = after.rpartition(".")
            oldest = self._count - len(self._ring)
            is_known = era == self._era and number.isdecimal()
            if not is_known or not oldest <= int(number) <= self._count:
                return None, newest
            events = list(self._ring)[int(number) - oldest :]
            missed = [event for event in events if event.concerns(listener.expert_id)]
            # The first line must not move the browser's position past what follows.
            return missed, after

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._follow()
            except RetryableError as error:
                log.warning("live updates interrupted", extra={"reason": str(error)})
                self._begin_era()
                self._ready.set()
                self._stop.wait(_PAUSE_S)

    def _follow(self) -> None:
        tail = self._bus.tail(EVENTS)
        try:
            self._ready.set()
            while not self._stop.is_set():
                for record in tail.poll(max_records=200, timeout_s=_POLL_S):
                    self._publish(record)
        finally:
            tail.close()

    def _begin_era(self) -> None:
        """Forget all ids: what happened while the bus was away is not known."""
        with self._lock:
            self._era, self._count = new_id()[:8], 0
            self._ring.clear()
            # They come back with an id of the old era, and are told to load again.
            self._tell(None)

    def _publish(self, record: Record) -> None:
        try:
            said = EventRecord.from_bytes(record.value)
        except BadRecordError as error:
            log.warning("event not understood", extra={"reason": str(error)})
            return
        hint = Hint(kind=said.kind, lead_id=said.lead_id, revision=said.revision, state=said.state)
        # How somebody decides about an alert of theirs is nobody else's business.
        whose = said.expert_id if said.kind.startswith("alert.") else ""
        with self._lock:
            self._count += 1
            event = _Event(f"{self._era}.{self._count}", hint, whose)
            self._ring.append(event)
            self._tell(event)

    def _tell(self, event: _Event | None) -> None:
        for listener in list(self._listeners):
            try:
                listener.loop.call_soon_threadsafe(listener.offer, event)
            except RuntimeError:  # its event loop is closed
                self._listeners.discard(listener)

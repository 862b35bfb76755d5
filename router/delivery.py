"""Alerts to channels, once each; every channel has its own threads, so none waits for another."""

import logging
import random
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from pydantic import JsonValue

from askwatch.clock import Clock
from askwatch.errors import RetryableError
from askwatch.faults import crash_point
from askwatch.model.alert import Channel as ChannelName
from askwatch.observe import DELIVERY_SECONDS
from askwatch.settings import Settings
from askwatch.state.alerts import DeliveryRow
from askwatch.state.engine import Database
from router.attempts import Attempts
from router.channels.base import Channel, ChannelRejectedError, ChannelUnavailableError
from router.channels.email import EmailChannel
from router.channels.inbox import InboxChannel
from router.circuit import Circuit

log = logging.getLogger(__name__)

# How long a due delivery waits at most before anybody looks.
POLL_S = 0.1
# A mail server that takes a second a mail still brings four a second.
MAIL_THREADS = 4
_BATCH = 32
# One transaction each; it must not keep SQLite longer than 50 ms.
INBOX_BATCH = 16


class Courier:
    """Brings what is due on one channel; one of its threads at a time looks at a delivery."""

    def __init__(
        self, name: ChannelName, channel: Channel, *, attempts: Attempts, clock: Clock
    ) -> None:
        self._name, self._channel = name, channel
        self._attempts, self._clock = attempts, clock
        self._circuit = Circuit(clock)
        self.sent = 0

    def tick(self, stop: threading.Event) -> int:
        """Try some of what is due; return how many deliveries were looked at."""
        if not self._circuit.allows():
            return 0
        due = self._attempts.find_due(self._name, limit=_BATCH)
        # Threads and replicas see the same rows: in another order they seldom meet.
        random.shuffle(due)
        for number, row in enumerate(due):
            if stop.is_set() or not self._circuit.allows():
                return number
            self._try(row)
        return len(due)

    def _try(self, row: DeliveryRow) -> None:
        attempt = self._attempts.begin(row)
        if attempt is None:
            return
        crash_point("delivery.after_lease")
        began_s = self._clock.monotonic()
        try:
            self._channel.send(attempt.card)
        except ChannelRejectedError as error:
            self._circuit.note_success()
            self._log("delivery refused", attempt.delivery, error.reason)
            self._attempts.note_rejected(attempt.delivery, error.reason)
        except ChannelUnavailableError as error:
            self._circuit.note_failure()
            self._log("delivery failed", attempt.delivery, error.reason)
            self._attempts.note_unavailable(attempt.delivery, error.reason)
        else:
            crash_point("delivery.after_provider")
            self._circuit.note_success()
            self._attempts.note_sent(attempt.delivery)
            crash_point("delivery.after_sent")
            self.sent += 1
        duration_s = self._clock.monotonic() - began_s
        DELIVERY_SECONDS.labels(channel=self._name.value).observe(duration_s)

    def _log(self, event: str, row: DeliveryRow, reason: str) -> None:
        fields = {"alert_id": row.alert_id, "channel": row.channel.value, "attempt": row.attempt}
        log.warning(event, extra={**fields, "reason": reason})


class InboxCourier(Courier):
    """Shows what is due at once: the inbox is a table, so one transaction is the whole way."""

    def tick(self, stop: threading.Event) -> int:
        del stop  # it never takes long
        due = self._attempts.find_due(self._name, limit=INBOX_BATCH)
        if due:
            self.sent += self._attempts.deliver(due, self._channel.send)
            crash_point("delivery.after_sent")
        return len(due)


class DeliveryProcess:
    """All couriers of one process."""

    def __init__(
        self,
        *,
        database: Database,
        settings: Settings,
        clock: Clock,
        owner: str,
        mail: Channel | None = None,
    ) -> None:
        """`mail` stands in for the server that `settings` name."""
        attempts = Attempts(database=database, settings=settings, clock=clock, owner=owner)
        self._inbox = InboxCourier(
            ChannelName.INBOX, InboxChannel(), attempts=attempts, clock=clock
        )
        if mail is None and settings.smtp_url:
            mail = EmailChannel(settings, clock)
        self._mail = (
            Courier(ChannelName.EMAIL, mail, attempts=attempts, clock=clock) if mail else None
        )

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; an attempt under way is ended first."""
        halt = threading.Event()
        loops = [self._inbox] + ([self._mail] * MAIL_THREADS if self._mail else [])
        with ThreadPoolExecutor(len(loops), thread_name_prefix="courier") as pool:
            running = [pool.submit(_loop, courier.tick, halt) for courier in loops]
            try:
                while not stop.is_set() and not _any_done(running):
                    stop.wait(POLL_S)
            finally:
                halt.set()
            for each in running:
                each.result()

    def tick(self) -> int:
        """Try what is due on every channel, one after the other; return how many were looked at."""
        stop = threading.Event()
        couriers = [self._inbox] + ([self._mail] if self._mail else [])
        return sum(courier.tick(stop) for courier in couriers)

    def stats(self) -> dict[str, JsonValue]:
        sent: dict[str, JsonValue] = {"sent_inbox": self._inbox.sent}
        return {**sent, "sent_email": self._mail.sent} if self._mail else sent


def _loop(tick: Callable[[threading.Event], int], stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            seen = tick(stop)
        except RetryableError as error:
            log.warning("deliveries not looked at", extra={"reason": str(error)})
            seen = 0
        if not seen:
            stop.wait(POLL_S)


def _any_done(running: list[Future[None]]) -> bool:
    return bool(wait(running, timeout=0, return_when=FIRST_COMPLETED).done)

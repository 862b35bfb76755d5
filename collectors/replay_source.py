"""The replay source: a file of posts that arrives over time and can be resumed by its line."""

import logging
import threading
from dataclasses import replace

from askwatch.bus.base import Bus
from askwatch.clock import Clock
from askwatch.errors import AskwatchError, ConfigurationError, RetryableError
from askwatch.model.source import Source
from askwatch.observe import SOURCE_ERRORS
from askwatch.state.sources import Report, SourceRow
from collectors.intake import Intake, newest_publication
from collectors.replay import ReplayFile, ReplayProgress
from collectors.replay_pace import Brake, Pace, ReplayLine

log = logging.getLogger(__name__)

RETRY_S = 5.0


class ReplayReader:
    """Replays one file in a thread of its own."""

    def __init__(self, source: Source, *, intake: Intake, bus: Bus, clock: Clock) -> None:
        self._source, self._intake, self._bus, self._clock = source, intake, bus, clock
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        # The last line that is committed, and which pass over the file it belongs to.
        self._line, self._pass = 0, 1

    def tick(self, row: SourceRow) -> None:
        if self._thread is not None or row.status.state == "done":
            return
        self._line, self._pass = _number(row, "line", 0), _number(row, "pass", 1)
        self._thread = threading.Thread(
            target=self._run, name=f"replay-{self._source.source_id}", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        is_loop = self._source.options.get("loop", False)
        while not self._stop.is_set():
            try:
                self._replay()
                if self._stop.is_set() or not is_loop:
                    return
                self._line, self._pass = 0, self._pass + 1
            except AskwatchError as error:
                self._note_error(error)
                self._stop.wait(RETRY_S)

    def _replay(self) -> None:
        """Send what lies behind the last committed line."""
        progress = ReplayProgress()
        file = ReplayFile(
            str(self._source.options.get("path", "demo")),
            source_id=self._source.source_id,
            intake=self._intake,
            clock=self._clock,
            run=self._pass,
        )
        pace = Pace(self._rate(), clock=self._clock, stop=self._stop)
        brake = Brake(self._bus, self._stop)
        for batch in pace.batches(file.read(self._line, progress)):
            self._send(batch, progress)
            brake.sent(len(batch))
        if self._stop.is_set():
            return
        is_loop = bool(self._source.options.get("loop", False))
        self._line = progress.line
        self._report(Report(state="running" if is_loop else "done"), progress)
        log.info(
            "replay done",
            extra={"source_id": self._source.source_id, "lines": progress.line},
        )

    def _send(self, batch: list[ReplayLine], progress: ReplayProgress) -> None:
        records = self._intake.drop_suppressed([line.record for line in batch])
        self._intake.produce(self._source.source_id, records)
        self._line = batch[-1].number
        newest = newest_publication(records)
        self._report(Report(state="running", posts=len(records), last_post_at=newest), progress)

    def _report(self, result: Report, progress: ReplayProgress) -> None:
        result = replace(
            result,
            message=progress.summary,
            cursor={"line": self._line, "pass": self._pass},
        )
        self._intake.remember(self._source.source_id, [], result)

    def _note_error(self, error: AskwatchError) -> None:
        source_id = self._source.source_id
        reason = "unavailable" if isinstance(error, RetryableError) else "configuration"
        SOURCE_ERRORS.labels(source=source_id, reason=reason).inc()
        log.warning("replay failed", extra={"source_id": source_id, "reason": str(error)})
        failure = Report(state="failing", errors=1, message=str(error))
        try:
            self._intake.remember(source_id, [], failure)
        except RetryableError:
            # The database is what failed: the next try says so or heals it.
            log.warning("source status not written", extra={"source_id": source_id})

    def _rate(self) -> float:
        rate = self._source.options.get("rate", 1)
        if isinstance(rate, bool) or not isinstance(rate, int | float) or rate < 0:
            raise ConfigurationError(
                f"options.rate is {rate!r}: it must be a number of posts a second, 0 for no limit"
            )
        return float(rate)


def _number(row: SourceRow, name: str, default: int) -> int:
    value = row.cursor.get(name, default)
    return value if isinstance(value, int) else default

"""Leaves a failing reader alone, for longer each time that it fails again."""

import logging
import threading

from askwatch.clock import Clock

FAILURES = 5
PAUSE_S, LONGEST_PAUSE_S = 30.0, 900.0

log = logging.getLogger(__name__)


class Breaker:
    """Open after some failures in a row; then one try after each pause. Thread-safe."""

    def __init__(self, clock: Clock, *, reader: str) -> None:
        self._clock, self._reader, self._lock = clock, reader, threading.Lock()
        self._failures, self._is_open, self._is_trying = 0, False, False
        self._pause_s, self._paused_until_s = PAUSE_S, 0.0

    def admit(self) -> bool:
        """Tell whether to ask now; after a pause one is told so, and asks for all."""
        with self._lock:
            if not self._is_open:
                return True
            now_s = self._clock.monotonic()
            if now_s < self._paused_until_s:
                return False
            # Should nothing be heard of this try, the next one waits for another pause.
            self._is_trying, self._paused_until_s = True, now_s + self._pause_s
            return True

    def succeed(self) -> None:
        """Note an answer: everybody may ask."""
        with self._lock:
            if self._is_open:
                log.info("second opinion resumed", extra={"reader": self._reader})
            self._failures, self._is_open, self._is_trying = 0, False, False
            self._pause_s = PAUSE_S

    def fail(self, *, wait_s: float = 0.0) -> None:
        """Note a failure; one that asks to wait opens at once."""
        with self._lock:
            self._failures += 1
            if not self._is_open and self._failures < FAILURES and wait_s <= 0:
                return
            if self._is_open and not self._is_trying and wait_s <= 0:
                return  # one of those that were under way when it opened
            if self._is_trying:
                self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
            pause_s = min(max(self._pause_s, wait_s), LONGEST_PAUSE_S)
            self._is_open, self._is_trying = True, False
            self._paused_until_s = self._clock.monotonic() + pause_s
        log.warning("second opinion paused", extra={"reader": self._reader, "pause_s": pause_s})

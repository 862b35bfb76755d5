"""Leaves a channel alone for a while when it fails again and again."""

import threading

from askwatch.clock import Clock

_FAILURES = 5
_PAUSE_S = 15.0


class Circuit:
    """Open after some failures in a row; then one try after each pause. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._failures, self._closed_at_s = 0, 0.0

    def allows(self) -> bool:
        """Tell whether to try now; the one who is told so after a pause tries for all."""
        with self._lock:
            if self._failures < _FAILURES:
                return True
            now_s = self._clock.monotonic()
            if now_s < self._closed_at_s:
                return False
            self._closed_at_s = now_s + _PAUSE_S
            return True

    def note_success(self) -> None:
        with self._lock:
            self._failures = 0

    def note_failure(self) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= _FAILURES:
                self._closed_at_s = self._clock.monotonic() + _PAUSE_S

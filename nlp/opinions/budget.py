"""How often a second reader may be asked: so many times a minute, and so many a day."""

import threading

from askwatch.clock import Clock

_MINUTE_S = 60.0


class Budget:
    """Counts in memory, for one process; a day is one of UTC. Thread-safe."""

    def __init__(self, clock: Clock, *, per_minute: int, per_day: int) -> None:
        """Begin with a full budget; 0 means no limit."""
        self._clock, self._lock = clock, threading.Lock()
        self._per_minute, self._per_day = per_minute, per_day
        self._minute_began_s, self._in_minute = clock.monotonic(), 0
        self._day, self._in_day = clock.now().date(), 0

    def take(self) -> bool:
        """Spend one; tell False, spending nothing, where there is none left."""
        with self._lock:
            self._turn_over()
            if 0 < self._per_minute <= self._in_minute or 0 < self._per_day <= self._in_day:
                return False
            self._in_minute += 1
            self._in_day += 1
            return True

    def _turn_over(self) -> None:
        now_s, today = self._clock.monotonic(), self._clock.now().date()
        if now_s - self._minute_began_s >= _MINUTE_S:
            self._minute_began_s, self._in_minute = now_s, 0
        if today != self._day:
            self._day, self._in_day = today, 0

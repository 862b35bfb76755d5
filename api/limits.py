"""How often a caller may write or sign in: a token bucket each, in this process."""

import math
import threading
from collections import OrderedDict

from api.errors import TooManyRequestsError
from askwatch.clock import Clock

# So many callers are remembered; the one longest unseen is forgotten, and begins afresh.
_CALLERS = 10_000


class RateLimiter:
    """Lets each caller spend `burst` at once and `per_minute` in the long run. Thread-safe."""

    def __init__(self, *, per_minute: float, burst: int, clock: Clock) -> None:
        self._per_second, self._burst, self._clock = per_minute / 60, float(burst), clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def spend(self, caller: str) -> None:
        """Take one token from the caller's bucket.

        Raises:
            TooManyRequestsError: It is empty; says when the next token is there.
        """
        now_s = self._clock.monotonic()
        with self._lock:
            left, at_s = self._buckets.pop(caller, (self._burst, now_s))
            left = min(self._burst, left + (now_s - at_s) * self._per_second)
            is_allowed = left >= 1
            self._buckets[caller] = (left - 1 if is_allowed else left, now_s)
            while len(self._buckets) > _CALLERS:
                self._buckets.popitem(last=False)
        if not is_allowed:
            raise TooManyRequestsError(math.ceil((1 - left) / self._per_second))

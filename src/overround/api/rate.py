"""How many requests one caller may make."""

import math
from collections import OrderedDict

from overround.clock import Clock

MOST_CALLERS = 4096  # remembered; whoever asked longest ago is forgotten first


class RateLimit:
    """Requests per minute and caller; a caller that was silent may use a minute's worth at once."""

    def __init__(self, clock: Clock, per_minute: int) -> None:
        self._clock, self._per_minute = clock, per_minute
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # caller -> (requests left, when)

    def wait_s(self, caller: str) -> int:
        """Count a request; return 0 when it may go on, else the whole seconds until one may."""
        now = self._clock.monotonic()
        left, at = self._left.pop(caller, (float(self._per_minute), now))
        left = min(float(self._per_minute), left + (now - at) * self._per_minute / 60)
        allowed = left >= 1
        self._left[caller] = (left - 1 if allowed else left), now
        if len(self._left) > MOST_CALLERS:
            self._left.popitem(last=False)
        return 0 if allowed else math.ceil((1 - left) * 60 / self._per_minute)

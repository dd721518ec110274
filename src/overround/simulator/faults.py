"""The fault plan: which requests go wrong, and how. A function of seed, bookmaker, request and attempt."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Literal, get_args

import msgspec

from overround.simulator import chance

FaultKind = Literal[
    "429", "403", "500", "timeout", "html", "truncated", "bomb", "garbage", "slow", "empty", "down"
]
KINDS: tuple[FaultKind, ...] = get_args(FaultKind)
_REMEMBERED = 50_000  # requests whose attempts are counted; the longest unasked is forgotten


class Fault(msgspec.Struct, frozen=True):
    """One kind of trouble at one bookmaker, for a share of its requests."""

    bookmaker: str
    kind: FaultKind
    share: float = 1.0
    retry_after_s: int = 2  # what a 429 says


class FaultPlan:
    """Decides for each request whether it goes wrong; the first fault that strikes wins."""

    def __init__(self, faults: Iterable[Fault] = (), seed: int = 1) -> None:
        self.faults = tuple(faults)
        self._seed = seed
        self._attempts: OrderedDict[tuple[str, str], int] = OrderedDict()

    def pick(self, bookmaker: str, request: str) -> Fault | None:
        """Return what goes wrong with this attempt of a request, None when nothing does."""
        candidates = [fault for fault in self.faults if fault.bookmaker == bookmaker]
        if not candidates:
            return None
        attempt = self._next_attempt(bookmaker, request)
        for position, fault in enumerate(candidates):
            name = f"fault|{bookmaker}|{fault.kind}|{position}|{request}|{attempt}"
            if fault.share >= 1 or chance.uniform(self._seed, name) < fault.share:
                return fault
        return None

    def _next_attempt(self, bookmaker: str, request: str) -> int:
        key = (bookmaker, request)
        attempt = self._attempts[key] = self._attempts.get(key, 0) + 1
        self._attempts.move_to_end(key)
        if len(self._attempts) > _REMEMBERED:
            self._attempts.popitem(last=False)
        return attempt


def parse_fault(text: str, bookmakers: Sequence[str]) -> list[Fault]:
    """
    Return the faults of one `--fault bookmaker:kind[:share]`; the bookmaker "all" stands for each.

    Raises:
        ValueError: One sentence for the person who typed it.

    >>> parse_fault("betpawa:429:0.05", ["betpawa"])
    [Fault(bookmaker='betpawa', kind='429', share=0.05, retry_after_s=2)]
    """
    bookmaker, _, rest = text.partition(":")
    kind, _, share_text = rest.partition(":")
    if bookmaker != "all" and bookmaker not in bookmakers:
        raise ValueError(f"--fault {text}: unknown bookmaker; choose from all, {', '.join(bookmakers)}")
    if kind not in KINDS:
        raise ValueError(f"--fault {text}: unknown kind; choose from {', '.join(KINDS)}")
    try:
        share = float(share_text) if share_text else 1.0
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise ValueError(f"--fault {text}: the share of requests must be above 0 and at most 1")
    wanted = bookmakers if bookmaker == "all" else [bookmaker]
    return [Fault(code, kind, share) for code in wanted]

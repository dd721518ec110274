"""What tells one simulated bookmaker's prices from another's: margin, rounding, haste, range, size."""

from collections.abc import Mapping

import msgspec

Range = tuple[str, ...]


class Profile(msgspec.Struct, frozen=True):
    """How one bookmaker prices the world."""

    margin: float  # overround of an even market, a fraction
    ladder: tuple[tuple[int, int], ...]  # (odds x 1000 below this, are multiples of this), ascending
    lag_s: float  # how long after a move its price follows, on average
    opinion: float  # how far its own view of a match stands from the truth, in logarithms of expected goals
    suspended: float  # share of markets with a locked outcome
    withheld: float  # share of markets with an outcome that is not offered though its price would do
    plain: Range  # markets without a line: our market ids
    totals: Range  # over/under lines
    handicaps: tuple[float, ...]  # 2-way handicap lines, as distances from the match's even line
    three_way: Range  # 3-way handicap lines
    groups: float  # (market, line) groups of an event on average, the rest included
    full_groups: int  # the same at the real payloads' full size
    club_suffix: str = ""  # what it adds to some clubs' names


_CAP = 1_000_000  # no price above 1,000.00

# Ranges and group counts as in the captured prematch details of SR 68995116; locked and withheld shares likewise.
PROFILES: Mapping[str, Profile] = {
    "betpawa": Profile(
        margin=0.05,
        ladder=((_CAP + 1, 10),),
        lag_s=60,
        opinion=0.02,
        suspended=0.008,
        withheld=0.0,
        plain=("3743", "4693", "3795", "4703"),
        totals=("0.5", "1.5", "2.5", "3.5", "4.5", "5.5"),
        handicaps=(-1.5, -0.5, 0.5, 1.5),
        three_way=("-2", "-1", "1", "2"),
        groups=75,
        full_groups=118,
        club_suffix=" FC",
    ),
    "sportybet": Profile(
        margin=0.06,
        ladder=((4_000, 10), (10_000, 50), (20_000, 250), (_CAP + 1, 500)),
        lag_s=20,
        opinion=0.01,
        suspended=0.017,
        withheld=0.0,
        plain=("3743", "4693", "3795", "4703"),
        totals=("0.5", "1", "1.5", "2", "2.5", "3", "3.5", "4", "4.5", "5", "5.5"),
        handicaps=(-1.5, -1, -0.5, 0, 0.5, 1, 1.5),
        three_way=("-3", "-2", "-1", "1", "2"),
        groups=101,
        full_groups=360,
        club_suffix=" FC",
    ),
    "bet9ja": Profile(
        margin=0.07,
        ladder=((3_000, 10), (10_000, 50), (20_000, 250), (_CAP + 1, 1_000)),
        lag_s=120,
        opinion=0.03,
        suspended=0.0,  # Bet9ja has no mark for a locked outcome: what it does not offer it prices at 1
        withheld=0.01,
        plain=("3743", "4693", "3795", "4703"),
        totals=("0.5", *(f"{quarters / 4:g}" for quarters in range(3, 17)), "4.5", "5.5", "6.5"),
        handicaps=(-0.5, -0.25, 0, 0.25, 0.5),
        three_way=("-1", "1"),
        groups=68,
        full_groups=221,
    ),
}

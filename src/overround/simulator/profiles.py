"""What tells one simulated bookmaker's prices from another's: margin, rounding, haste, range, size."""

from collections.abc import Mapping

import msgspec


class Profile(msgspec.Struct, frozen=True):
    """How one bookmaker prices the world."""

    margin: float  # overround of an even market, a fraction
    ladder: tuple[tuple[int, int], ...]  # (odds x 1000 below this, are multiples of this), ascending
    lag_s: float  # how long after a move its price follows, on average
    opinion: float  # how far its own view of a match stands from the truth, in logarithms of expected goals
    suspended: float  # share of markets with a locked outcome
    withheld: float  # share of markets with an outcome that is not offered though its price would do
    main_grid: float  # steps between the lines of over/under and handicap of the match; elsewhere halves only
    groups: float  # (market, line) groups of an event on average
    full_groups: int  # the same at the real payloads' full size
    mapped_share: (
        float  # of an event's groups are of the catalogue, the rest are markets that nobody else has
    )
    mapped_groups: int  # and never more than so many
    club_suffix: str = ""  # what it adds to some clubs' names


_CAP = 1_000_000  # no price above 1,000.00

# Group counts as in the captured prematch details of SR 68995116; locked and withheld shares likewise. The mapped
# ones of the first three make about 540,000 keys of the full world, the figure that the product's bars name.
PROFILES: Mapping[str, Profile] = {
    "betpawa": Profile(
        margin=0.05,
        ladder=((_CAP + 1, 10),),
        lag_s=60,
        opinion=0.02,
        suspended=0.008,
        withheld=0.0,
        main_grid=1.0,
        groups=75,
        full_groups=118,
        mapped_share=0.98,
        mapped_groups=116,
        club_suffix=" FC",
    ),
    "sportybet": Profile(
        margin=0.06,
        ladder=((4_000, 10), (10_000, 50), (20_000, 250), (_CAP + 1, 500)),
        lag_s=20,
        opinion=0.01,
        suspended=0.017,
        withheld=0.0,
        main_grid=0.5,
        groups=101,
        full_groups=360,
        mapped_share=0.96,
        mapped_groups=182,
        club_suffix=" FC",
    ),
    "bet9ja": Profile(
        margin=0.07,
        ladder=((3_000, 10), (10_000, 50), (20_000, 250), (_CAP + 1, 1_000)),
        lag_s=120,
        opinion=0.03,
        suspended=0.0,  # Bet9ja has no mark for a locked outcome: what it does not offer it prices at 1
        withheld=0.01,
        main_grid=0.25,
        groups=68,
        full_groups=221,
        mapped_share=0.85,
        mapped_groups=126,
    ),
    "msport": Profile(
        margin=0.055,
        ladder=((4_000, 10), (10_000, 50), (20_000, 250), (_CAP + 1, 500)),
        lag_s=35,
        opinion=0.012,
        suspended=0.01,
        withheld=0.0,
        main_grid=0.5,
        groups=95,
        full_groups=188,
        mapped_share=0.97,
        mapped_groups=180,
        club_suffix=" FC",
    ),
    "betway": Profile(
        margin=0.065,
        ladder=((3_000, 10), (10_000, 50), (20_000, 250), (_CAP + 1, 1_000)),
        lag_s=45,
        opinion=0.015,
        suspended=0.01,
        withheld=0.0,
        main_grid=0.5,
        groups=72,
        full_groups=115,
        mapped_share=0.95,
        mapped_groups=110,
    ),
    "betika": Profile(
        margin=0.075,
        ladder=((_CAP + 1, 10),),
        lag_s=90,
        opinion=0.025,
        suspended=0.0,  # Betika has no mark for a locked outcome before kickoff: it lists what it offers
        withheld=0.006,
        main_grid=1.0,
        groups=50,
        full_groups=85,
        mapped_share=0.96,
        mapped_groups=80,
        club_suffix=" FC",
    ),
}
MAIN_BOOKMAKERS = ("betpawa", "sportybet", "bet9ja")  # those the worlds' sizes are given for

"""Which of Bet9ja's football keys are deliberately not mapped, whole or in part, and why."""

from collections.abc import Mapping

# Reason -> their market ids of which no outcome is mapped.
WHOLE: Mapping[str, str] = {
    "no other bookmaker offers an equal market": """
        S_2HTOUCA S_BTLC S_C15M S_C30M S_HMC S_LASTBOOK S_MULTIC1 S_OEBOOK S_ACRC S_ACYC S_BCRC S_BCYC S_HCRC S_HCYC
        S_LCRC S_LCYC S_1X2HDCFT S_ASBHOU25 S_ASBHOU35 S_ASBHOU45 S_DCH1X2FT S_DCHTFT S_HSBHOU25 S_HSBHOU35
        S_HSBHOU45 S_WNBH S_1X21X2C S_1X21X2C1 S_1X2C1X2C S_1X2C2HT S_C2HTOU S_CAH2 S_CH2 S_CHH S_CORN10
        S_CORNERHTFT S_HALFCORNER S_HNDCORNER S_1STGHTA S_1STGHTH S_1STGHT S_AL S_HL S_DWG S_GIT S_GOALTYPE S_LEASTX
        S_PEN S_PENSCOREMISS S_1OG S_OG S_ACS S_2OUS S_2S S_2OUST S_2ST S_1S S_GPS S_SH
        """,
    "other minutes, or one team's goals: the feed's early goals are at 10, 30 and 50 minutes of the match": """
        S_AOU15E1 S_AOU15E2 S_AOU25E3 S_AOU25EH S_AOU35E5 S_AOU35E6 S_HOU15E1 S_HOU15E2 S_HOU25E3 S_HOU25EH
        S_HOU35E5 S_HOU35E6 S_OU15E2 S_OU25EH S_OU35E6
        """,
    "other counts than those of other bookmakers": "S_NCORN",
    "fouls: the levels differ from others' by more than a margin, so it is not known to be the same count": """
        S_FOU S_FOUA S_FOUH S_HF S_HOUF
        """,
    "what Plus adds to the bet is not known": "S_1X2P S_DCP S_OU25P",
    "of its outcomes only three have an equal (1H1FT, XHXFT, 2H2FT), and those have a key of their own, S_HTU: "
    "two prices for one bet would contradict each other": "S_CHANCEMIXN",
}

# Reason -> their market id -> suffixes, where the others of that market are mapped.
IN_PART: Mapping[str, Mapping[str, str]] = {
    "exactly so many, where others count so many and more": {
        "S_GOALS1T": "2 3",
        "S_GOALS2T": "2 3",
        "S_EXACTGOAL": "6",
    },
    "what Under pays once Over was paid early is not known": {
        "S_OU15E1": "U",
        "S_OU25E3": "U",
        "S_OU35E5": "U",
    },
    "no other bookmaker offers an equal outcome": {"S_CHANCEMIXGGOU": "GGOU NGOO GGOO NGOU"},
    "another total in each half, or a total that nobody else offers for both": {
        "S_TOTAL1T2T": """
            1+AND1+N 1+AND1+Y 1-AND2-N 1+AND2+N 1-AND2-Y 1+AND2+Y 1-AND3-N 1+AND3+N 1-AND3-Y 1+AND3+Y 2-AND1-N
            2+AND1+N 2-AND1-Y 2+AND1+Y 2-AND2-N 2-AND2-Y 2-AND3-N 2+AND3+N 2-AND3-Y 2+AND3+Y 3-AND1-N 3+AND1+N
            3-AND1-Y 3+AND1+Y
            """
    },
}


def unmapped_suffixes(market: str, suffixes: tuple[str, ...]) -> set[str]:
    """Return those of a market's suffixes that are deliberately not mapped."""
    if any(market in ids.split() for ids in WHOLE.values()):
        return set(suffixes)
    return {suffix for markets in IN_PART.values() for suffix in markets.get(market, "").split()}

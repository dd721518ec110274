"""How BetPawa shows its market types: their names, order, tabs and display rows, as facts."""

import msgspec

from overround.domain.catalogue import MarketType

_LAST = 2000  # priority of what no captured answer holds
_HANDICAP_TYPES = {"over-under": "NORMAL", "handicap-2way": "ASIAN", "handicap-3way": "EUROPEAN"}


class Display(msgspec.Struct, frozen=True):
    """One market type as BetPawa shows it. Source: payloads: betpawa/*.json."""

    id: str
    name: str
    priority: int  # order in the body
    tabs: str  # besides "all"
    columns: int  # outcomes of one display row
    handicap_type: str  # "", NORMAL, ASIAN, EUROPEAN, NUMBER_SPECIFIER


_FOOTBALL = (
    Display("3743", "1X2 - FT", 1, "popular", 3, ""),
    Display("28000810", "1X2 1UP - FT", 2, "popular", 3, ""),
    Display("28000850", "1X2 2UP - FT", 3, "popular", 3, ""),
    Display("4693", "Double Chance - FT", 20, "popular", 3, ""),
    Display("80000", "Double Chance 1UP - FT", 21, "", 3, ""),
    Display("3795", "Both Teams To Score - FT", 30, "popular goals", 2, ""),
    Display("28000224", "{handicap} Goal", 35, "goals popular", 3, "NUMBER_SPECIFIER"),
    Display("5000", "Total Score Over/Under - FT", 40, "popular goals", 2, "NORMAL"),
    Display("5006", "Total Score Over/Under - FT - Home Team", 50, "popular goals", 2, "NORMAL"),
    Display("5003", "Total Score Over/Under - FT - Away Team", 60, "popular goals", 2, "NORMAL"),
    Display("4706", "HT / FT", 64, "halves popular", 3, ""),
    Display("4724", "Handicap 1X2 - FT", 65, "popular", 3, "EUROPEAN"),
    Display("3668", "1X2 - 1H", 75, "halves popular", 3, ""),
    Display("3685", "1X2 - 2H", 76, "halves", 3, ""),
    Display("28000173", "1X2 - from 1 to 10 minutes", 77, "specials popular", 3, ""),
    Display("4958", "Total Score Over/Under - 1H", 80, "halves popular goals", 2, "NORMAL"),
    Display("4976", "Total Score Over/Under - 2H", 81, "halves goals", 2, "NORMAL"),
    Display("4716", "Handicap 1X2 - 1H", 90, "halves", 3, "EUROPEAN"),
    Display("4720", "Handicap 1X2 - 2H", 91, "halves", 3, "EUROPEAN"),
    Display("3774", "Asian Handicap - FT", 105, "specials", 2, "ASIAN"),
    Display("3747", "Asian Handicap - 1H", 106, "halves", 2, "ASIAN"),
    Display("3756", "Asian Handicap - 2H", 107, "halves", 2, "ASIAN"),
    Display("4728", "Half More Goals - Total", 108, "goals", 3, ""),
    Display("1096755", "1X2 and Totals - FT", 110, "combos popular", 3, "NORMAL"),
    Display("4703", "Draw No Bet - FT", 111, "specials", 2, ""),
    Display("4697", "Draw No Bet - 1H", 112, "halves", 2, ""),
    Display("4700", "Draw No Bet - 2H", 113, "halves", 2, ""),
    Display("28000869", "Correct Score (26 Outcomes)", 120, "popular goals", 2, ""),
    Display("4429", "Correct Score - FT", 120, "goals", 2, ""),
    Display("3819", "Correct Score - 1H", 121, "halves goals", 2, ""),
    Display("4063", "Correct Score - 2H", 122, "halves goals", 2, ""),
    Display("28000014", "Double Chance and Both Teams To Score - FT", 123, "combos", 2, ""),
    Display("28000035", "Multiscores - FT", 126, "goals specials", 3, ""),
    Display("3816", "Clean Sheet Home Team - FT", 130, "goals", 2, ""),
    Display("3807", "Clean Sheet Away Team - FT", 140, "goals", 2, ""),
    Display("4926", "Total Goals Exact - FT", 150, "goals", 2, ""),
    Display("4833", "Odd / Even - FT", 180, "specials", 2, ""),
    Display("4794", "Odd / Even - 1H", 181, "halves", 2, ""),
    Display("4809", "Odd / Even - 2H", 182, "halves", 2, ""),
    Display("4842", "Odd / Even - FT- Home Team", 183, "specials", 2, ""),
    Display("4836", "Odd / Even - FT - Away Team", 184, "specials", 2, ""),
    Display("4870", "Team To Score Last (3 way)", 189, "goals", 3, ""),
    Display("1096782", "Team To Score (4 way) - FT", 190, "goals specials", 2, ""),
    Display("129108", "Anytime Goalscorer", 210, "players", 1, ""),
    Display("4673", "Double Chance - 1H", 300, "halves", 3, ""),
    Display("4681", "Double Chance - 2H", 310, "halves", 3, ""),
    Display("3789", "Both Teams To Score - 1H", 320, "halves goals", 2, ""),
    Display("3792", "Both Teams To Score - 2H", 330, "halves goals", 2, ""),
    Display("1096806", "Either half win Home - FT", 340, "", 2, ""),
    Display("1096809", "Either half win Away - FT", 350, "", 2, ""),
    Display("1096807", "Score in both halves Home - FT", 380, "goals", 2, ""),
    Display("1096814", "Score in both halves Away - FT", 390, "goals", 2, ""),
    Display("1096805", "Both halves win Home - FT", 400, "goals", 2, ""),
    Display("1096808", "Both halves win Away - FT", 410, "goals", 2, ""),
    Display("3810", "Clean Sheet Home Team - 1H", 420, "halves goals", 2, ""),
    Display("3813", "Clean Sheet Home Team - 2H", 430, "halves goals", 2, ""),
    Display("3801", "Clean Sheet Away Team - 1H", 440, "halves", 2, ""),
    Display("3804", "Clean Sheet Away Team - 2H", 450, "halves", 2, ""),
    Display("3591790", "1X2 and Both Teams To Score - FT", 510, "combos popular", 2, ""),
    Display("28000089", "Double Chance and Totals - FT", 513, "combos popular", 3, "NORMAL"),
    Display("1096787", "Corner Count 1X2 - FT", 570, "corners", 3, ""),
    Display("1096788", "Corner Count 1X2 - 1H", 571, "corners halves", 3, ""),
    Display("1096783", "Total Corners Over/Under - FT", 572, "corners", 2, "NORMAL"),
    Display("1096784", "Total Corners Over/Under - 1H", 573, "corners halves", 2, "NORMAL"),
    Display("1096804", "Total Corners - 1H", 574, "corners halves", 3, ""),
    Display("1096803", "Total Corners - FT", 576, "corners", 3, ""),
    Display("1096789", "Corner Count Odd/Even - FT", 610, "corners", 2, ""),
    Display("5051", "Win to Nil Home Team - FT", 670, "goals specials", 2, ""),
    Display("5042", "Win to Nil Away Team - FT", 671, "goals specials", 2, ""),
    Display("4942", "Total Goals Exact - FT - Home Team", 690, "goals specials", 3, ""),
    Display("4938", "Total Goals Exact - FT - Away Team", 691, "goals specials", 3, ""),
    Display("28000021", "Double Chance and Both Teams To Score - 1H", 850, "halves combos", 2, ""),
    Display("28000028", "Double Chance and Both Teams To Score - 2H", 860, "halves combos", 2, ""),
    Display("4736", "Half More Goals - Home Team", 900, "goals", 3, ""),
    Display("4732", "Half More Goals - Away Team", 901, "halves goals", 3, ""),
    Display("28000209", "Winning Margin - FT", 915, "specials", 2, ""),
    Display("28000228", "HT/FT Correct Score - FT", 925, "specials", 2, ""),
    Display("28000047", "Multigoals - FT", 999, "goals specials", 3, ""),
    Display("28000065", "Multigoals - 1H", 1000, "specials halves goals", 3, ""),
    Display("28000071", "Multigoals - 2H", 1001, "specials halves goals", 3, ""),
    Display("28000077", "Multigoals - FT - Home Team", 1002, "goals specials", 2, ""),
    Display("28000083", "Multigoals - FT - Away Team", 1003, "goals specials", 2, ""),
)  # fmt: skip

_BASKETBALL = (
    Display("4791", "Moneyline - FT incl OT", 101, "popular", 2, ""),
    Display("5009", "Total Score Over/Under - FT incl OT", 102, "popular points", 2, "NORMAL"),
    Display("3777", "Asian Handicap - FT incl OT", 104, "popular", 2, "ASIAN"),
    Display("4389697", "Match Winner and Totals - FT incl OT", 106, "popular points", 2, "NORMAL"),
    Display("4839", "Odd / Even - FT incl OT", 109, "points", 2, ""),
    Display("1396223", "Will the Match be Tied after Regular Time", 113, "popular", 2, ""),
    Display("4997", "Total Score Over/Under - 4Q", 342, "quarters points", 2, "NORMAL"),
    Display("3719", "1X2 - 4Q", 343, "quarters", 3, ""),
    Display("3771", "Asian Handicap - 4Q", 344, "quarters", 2, "ASIAN"),
    Display("4830", "Odd / Even - 4Q", 345, "quarters points", 2, ""),
)  # fmt: skip

_SEEN = {
    (sport, display.id): display
    for sport, displays in (("football", _FOOTBALL), ("basketball", _BASKETBALL))
    for display in displays
}


def display_of(kind: MarketType, their_id: str) -> Display:
    """Return how a market type is shown; one that no captured answer holds, like its nearest kin."""
    if seen := _SEEN.get((kind.sport, their_id)):
        return seen
    columns = 1 if kind.names_players else 3 if len(kind.outcomes) % 3 == 0 else 2
    handicap_type = _HANDICAP_TYPES.get(kind.kind, "")
    if kind.param and not handicap_type:
        handicap_type = "NUMBER_SPECIFIER" if kind.param == "goalnr" else "NORMAL"
    return Display(their_id, kind.name, _LAST, " ".join(kind.groups), columns, handicap_type)

"""What a simulated BetPawa body holds besides prices: the market types of the captured answers, as facts."""

import msgspec


class OfferedType(msgspec.Struct, frozen=True):
    """One market type as BetPawa shows it. Source: payloads: betpawa/*.json."""

    id: str
    name: str
    priority: int  # order in the body
    tabs: str  # besides "all"
    columns: int  # outcomes of one display row
    handicap_type: str  # "", NORMAL, ASIAN, EUROPEAN, NUMBER_SPECIFIER
    handicaps: tuple[int, ...]  # lines x 4
    outcomes: tuple[str, ...]


# Outcome names in display order, joined by |.
_OUTCOMES = {
    "result": "1|X|2",
    "double": "1X|X2|12",
    "yes_no": "Yes|No",
    "next_goal": "1|None|2",
    "over_under": "Over|Under",
    "half_full": "1/1|1/X|1/2|X/1|X/X|X/2|2/1|2/X|2/2",
    "sides": "1|2",
    "halves": "First Half|Second Half|Equal",
    "result_total": "1 - Over|X - Over|2 - Over|1 - Under|X - Under|2 - Under",
    "scores_26": (
        "0-0|1-0|2-0|3-0|4-0|0-1|1-1|2-1|3-1|4-1|0-2|1-2|2-2|3-2|4-2|0-3|1-3|2-3|3-3|4-3|0-4|1-4|"
        "2-4|3-4|4-4|Other"
    ),
    "scores": (
        "Other|0-0|0-1|0-2|0-3|0-4|0-5|0-6|1-0|1-1|1-2|1-3|1-4|1-5|2-0|2-1|2-2|2-3|2-4|3-0|3-1|3-"
        "2|3-3|4-0|4-1|4-2|5-0|5-1|6-0"
    ),
    "half_scores": "Other|0-0|0-1|0-2|1-0|1-1|1-2|2-0|2-1|2-2",
    "double_both": "1X - Yes|1X - No|12 - Yes|12 - No|X2 - Yes|X2 - No",
    "score_groups": (
        "1:0, 2:0 or 3:0|0:1, 0:2 or 0:3|4:0, 5:0 or 6:0|0:4, 0:5 or 0:6|2:1, 3:1 or 4:1|1:2, 1:3"
        " or 1:4|3:2, 4:2, 4:3 or 5:1|2:3, 2:4, 3:4 or 1:5|Other Home Win|Other Away Win|Draw"
    ),
    "goals": "6+|0|1|2|3|4|5",
    "odd_even": "Odd|Even",
    "last_goal": "1|2|No Goal",
    "scorers": "No Goal|Home|Away|Both",
    "result_both": "1 - Yes|1 - No|2 - Yes|2 - No|X - Yes|X - No",
    "double_total": "1X - Under|12 - Under|X2 - Under|1X - Over|12 - Over|X2 - Over",
    "corners_1h": "0-4|5-6|7+",
    "corners": "0-8|9-11|12+",
    "team_goals": "2|3+|0|1",
    "margins": "Home by 1|Home by 2|Home by 3+|Away by 1|Away by 2|Away by 3+|Draw",
    "half_full_scores": (
        "0-0/0-0|0-0/0-1|0-0/0-2|0-0/0-3|0-0/1-0|0-0/1-1|0-0/1-2|0-0/2-0|0-0/2-1|0-0/3-0|0-0/4+|0"
        "-1/0-1|0-1/0-2|0-1/0-3|0-1/1-1|0-1/1-2|0-1/2-1|0-1/4+|0-2/0-2|0-2/0-3|0-2/1-2|0-2/4+|0-3"
        "/0-3|0-3/4+|1-0/1-0|1-0/1-1|1-0/1-2|1-0/2-0|1-0/2-1|1-0/3-0|1-0/4+|1-1/1-1|1-1/1-2|1-1/2"
        "-1|1-1/4+|1-2/1-2|1-2/4+|2-0/2-0|2-0/2-1|2-0/3-0|2-0/4+|2-1/2-1|2-1/4+|3-0/3-0|3-0/4+|4+"
        "/4+"
    ),
    "goal_ranges": "1-2|1-3|1-4|1-5|1-6|2-3|2-4|2-5|2-6|3-4|3-5|3-6|4-5|4-6|5-6|7+|No goal",
    "few_goals": "1-2|1-3|2-3|4+|No goal",
}

_FIRST = ("Ade", "Bayo", "Chidi", "Emeka", "Femi", "Ike", "Kola")
_LAST = ("Adeyemi", "Bello", "Danjuma", "Eze", "Okafor", "Suleiman", "Tijani")
_OUTCOMES["players"] = "|".join(
    f"{first} {last}" for last in _LAST for first in _FIRST
)  # a captured event has 49

_ROWS = (
    ("3743", "1X2 - FT", 1, "popular", 3, "", (), "result"),
    ("28000810", "1X2 1UP - FT", 2, "popular", 3, "", (), "result"),
    ("28000850", "1X2 2UP - FT", 3, "popular", 3, "", (), "result"),
    ("4693", "Double Chance - FT", 20, "popular", 3, "", (), "double"),
    ("80000", "Double Chance 1UP - FT", 21, "", 3, "", (), "double"),
    ("3795", "Both Teams To Score - FT", 30, "popular goals", 2, "", (), "yes_no"),
    ("28000224", "{handicap} Goal", 35, "goals popular", 3, "NUMBER_SPECIFIER", (4,), "next_goal"),
    ("5000", "Total Score Over/Under - FT", 40, "popular goals", 2, "NORMAL", (2, 6, 10, 14, 18, 22), "over_under"),
    ("5006", "Total Score Over/Under - FT - Home Team", 50, "popular goals", 2, "NORMAL", (2, 6, 10), "over_under"),
    ("5003", "Total Score Over/Under - FT - Away Team", 60, "popular goals", 2, "NORMAL", (2, 6, 10), "over_under"),
    ("4706", "HT / FT", 64, "halves popular", 3, "", (), "half_full"),
    ("4724", "Handicap 1X2 - FT", 65, "popular", 3, "EUROPEAN", (-8, -4, 4, 8), "result"),
    ("3668", "1X2 - 1H", 75, "halves popular", 3, "", (), "result"),
    ("3685", "1X2 - 2H", 76, "halves", 3, "", (), "result"),
    ("28000173", "1X2 - from 1 to 10 minutes", 77, "specials popular", 3, "", (), "result"),
    ("4958", "Total Score Over/Under - 1H", 80, "halves popular goals", 2, "NORMAL", (2, 6, 10), "over_under"),
    ("4976", "Total Score Over/Under - 2H", 81, "halves goals", 2, "NORMAL", (2, 6, 10), "over_under"),
    ("4716", "Handicap 1X2 - 1H", 90, "halves", 3, "EUROPEAN", (-8, -4, 4, 8, 12), "result"),
    ("4720", "Handicap 1X2 - 2H", 91, "halves", 3, "EUROPEAN", (-8, -4, 4, 8), "result"),
    ("3774", "Asian Handicap - FT", 105, "specials", 2, "ASIAN", (-6, -2, 2, 6, 10), "sides"),
    ("3747", "Asian Handicap - 1H", 106, "halves", 2, "ASIAN", (-2, 2), "sides"),
    ("3756", "Asian Handicap - 2H", 107, "halves", 2, "ASIAN", (-2, 2), "sides"),
    ("4728", "Half More Goals - Total", 108, "goals", 3, "", (), "halves"),
    ("1096755", "1X2 and Totals - FT", 110, "combos popular", 3, "NORMAL", (6, 10, 14, 18), "result_total"),
    ("4703", "Draw No Bet - FT", 111, "specials", 2, "", (), "sides"),
    ("4697", "Draw No Bet - 1H", 112, "halves", 2, "", (), "sides"),
    ("4700", "Draw No Bet - 2H", 113, "halves", 2, "", (), "sides"),
    ("28000869", "Correct Score (26 Outcomes)", 120, "popular goals", 2, "", (), "scores_26"),
    ("4429", "Correct Score - FT", 120, "goals", 2, "", (), "scores"),
    ("3819", "Correct Score - 1H", 121, "halves goals", 2, "", (), "half_scores"),
    ("4063", "Correct Score - 2H", 122, "halves goals", 2, "", (), "half_scores"),
    ("28000014", "Double Chance and Both Teams To Score - FT", 123, "combos", 2, "", (), "double_both"),
    ("28000035", "Multiscores - FT", 126, "goals specials", 3, "", (), "score_groups"),
    ("3816", "Clean Sheet Home Team - FT", 130, "goals", 2, "", (), "yes_no"),
    ("3807", "Clean Sheet Away Team - FT", 140, "goals", 2, "", (), "yes_no"),
    ("4926", "Total Goals Exact - FT", 150, "goals", 2, "", (), "goals"),
    ("4833", "Odd / Even - FT", 180, "specials", 2, "", (), "odd_even"),
    ("4794", "Odd / Even - 1H", 181, "halves", 2, "", (), "odd_even"),
    ("4809", "Odd / Even - 2H", 182, "halves", 2, "", (), "odd_even"),
    ("4842", "Odd / Even - FT- Home Team", 183, "specials", 2, "", (), "odd_even"),
    ("4836", "Odd / Even - FT - Away Team", 184, "specials", 2, "", (), "odd_even"),
    ("4870", "Team To Score Last (3 way)", 189, "goals", 3, "", (), "last_goal"),
    ("1096782", "Team To Score (4 way) - FT", 190, "goals specials", 2, "", (), "scorers"),
    ("129108", "Anytime Goalscorer", 210, "players", 1, "", (), "players"),
    ("4673", "Double Chance - 1H", 300, "halves", 3, "", (), "double"),
    ("4681", "Double Chance - 2H", 310, "halves", 3, "", (), "double"),
    ("3789", "Both Teams To Score - 1H", 320, "halves goals", 2, "", (), "yes_no"),
    ("3792", "Both Teams To Score - 2H", 330, "halves goals", 2, "", (), "yes_no"),
    ("1096806", "Either half win Home - FT", 340, "", 2, "", (), "yes_no"),
    ("1096809", "Either half win Away - FT", 350, "", 2, "", (), "yes_no"),
    ("1096807", "Score in both halves Home - FT", 380, "goals", 2, "", (), "yes_no"),
    ("1096814", "Score in both halves Away - FT", 390, "goals", 2, "", (), "yes_no"),
    ("1096805", "Both halves win Home - FT", 400, "goals", 2, "", (), "yes_no"),
    ("1096808", "Both halves win Away - FT", 410, "goals", 2, "", (), "yes_no"),
    ("3810", "Clean Sheet Home Team - 1H", 420, "halves goals", 2, "", (), "yes_no"),
    ("3813", "Clean Sheet Home Team - 2H", 430, "halves goals", 2, "", (), "yes_no"),
    ("3801", "Clean Sheet Away Team - 1H", 440, "halves", 2, "", (), "yes_no"),
    ("3804", "Clean Sheet Away Team - 2H", 450, "halves", 2, "", (), "yes_no"),
    ("3591790", "1X2 and Both Teams To Score - FT", 510, "combos popular", 2, "", (), "result_both"),
    ("28000089", "Double Chance and Totals - FT", 513, "combos popular", 3, "NORMAL", (6, 10, 14, 18), "double_total"),
    ("1096787", "Corner Count 1X2 - FT", 570, "corners", 3, "", (), "result"),
    ("1096788", "Corner Count 1X2 - 1H", 571, "corners halves", 3, "", (), "result"),
    ("1096783", "Total Corners Over/Under - FT", 572, "corners", 2, "NORMAL", (30, 34, 38, 42, 46), "over_under"),
    ("1096784", "Total Corners Over/Under - 1H", 573, "corners halves", 2, "NORMAL", (14, 18, 22), "over_under"),
    ("1096804", "Total Corners - 1H", 574, "corners halves", 3, "", (), "corners_1h"),
    ("1096803", "Total Corners - FT", 576, "corners", 3, "", (), "corners"),
    ("1096789", "Corner Count Odd/Even - FT", 610, "corners", 2, "", (), "odd_even"),
    ("5051", "Win to Nil Home Team - FT", 670, "goals specials", 2, "", (), "yes_no"),
    ("5042", "Win to Nil Away Team - FT", 671, "goals specials", 2, "", (), "yes_no"),
    ("4942", "Total Goals Exact - FT - Home Team", 690, "goals specials", 3, "", (), "team_goals"),
    ("4938", "Total Goals Exact - FT - Away Team", 691, "goals specials", 3, "", (), "team_goals"),
    ("28000021", "Double Chance and Both Teams To Score - 1H", 850, "halves combos", 2, "", (), "double_both"),
    ("28000028", "Double Chance and Both Teams To Score - 2H", 860, "halves combos", 2, "", (), "double_both"),
    ("4736", "Half More Goals - Home Team", 900, "goals", 3, "", (), "halves"),
    ("4732", "Half More Goals - Away Team", 901, "halves goals", 3, "", (), "halves"),
    ("28000209", "Winning Margin - FT", 915, "specials", 2, "", (), "margins"),
    ("28000228", "HT/FT Correct Score - FT", 925, "specials", 2, "", (), "half_full_scores"),
    ("28000047", "Multigoals - FT", 999, "goals specials", 3, "", (), "goal_ranges"),
    ("28000065", "Multigoals - 1H", 1000, "specials halves goals", 3, "", (), "few_goals"),
    ("28000071", "Multigoals - 2H", 1001, "specials halves goals", 3, "", (), "few_goals"),
    ("28000077", "Multigoals - FT - Home Team", 1002, "goals specials", 2, "", (), "few_goals"),
    ("28000083", "Multigoals - FT - Away Team", 1003, "goals specials", 2, "", (), "few_goals"),
)  # fmt: skip

OFFERED = {row[0]: OfferedType(*row[:7], tuple(_OUTCOMES[row[7]].split("|"))) for row in _ROWS}

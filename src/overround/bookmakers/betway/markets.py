"""Betway speaks the shared feed: ids, specifiers and outcome ids are read by `bookmakers/feed.py`."""

CODE = "betway"
SEPARATOR = "~"  # joins the keys of a specifier, and ends it: "quarternr=1~total=37.5~"

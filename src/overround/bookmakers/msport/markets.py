"""MSport speaks the shared feed: ids, specifiers and outcome ids are read by `bookmakers/feed.py`."""

CODE = "msport"

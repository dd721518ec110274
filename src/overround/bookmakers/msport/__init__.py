"""MSport: a competitor; feed ids of Sportradar, prices as text, outcomes keyed by id."""

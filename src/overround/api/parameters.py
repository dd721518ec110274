"""Parameters that several routes share, with their bounds and what they mean."""

from typing import Annotated

from fastapi import Path, Query

SportradarId = Annotated[str, Path(description="Sportradar id of an event: digits")]
MarketId = Annotated[str, Path(description="BetPawa's id of a market type, as in 3743")]
Line = Annotated[str, Query(max_length=20, description="Goals or handicap, as in 2.5; empty without one")]
RunId = Annotated[str, Path(description="Id of a run")]
Page = Annotated[int, Query(ge=1, le=1_000_000, description="Which page, from 1")]
PageSize = Annotated[int, Query(ge=1, le=500, description="Rows a page")]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="Rows to leave out at the start")]

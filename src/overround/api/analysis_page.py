"""What every list of analysis says beside its rows."""

import msgspec

from overround.api.schemas import Instant


class AnalysisPage(msgspec.Struct, frozen=True, kw_only=True):
    """What every list of analysis says beside its rows."""

    total: int  # rows that the filters leave, all pages
    page: int
    page_size: int
    now: Instant

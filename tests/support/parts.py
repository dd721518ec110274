"""A bookmaker's detail as the coordinator hands it to the parser: one body, or all its parts joined."""

from overround.bookmakers.base import Ask, Bookmaker, InParts, joined


async def whole_detail(bookmaker: Bookmaker, ask: Ask, event_id: str) -> bytes:
    """Ask part by part until the bookmaker says that there is no more."""
    parts = [await ask(bookmaker.event_request(event_id))]
    if not isinstance(bookmaker, InParts):
        return parts[0]
    while (request := bookmaker.further_request(event_id, parts)) is not None:
        parts.append(await ask(request))
    return joined(parts)

"""The board: what the trader's first screen starts from."""

from typing import Annotated

from fastapi import Query, Request, Response

from overround.api.answers import answers
from overround.api.board_json import BoardJson
from overround.api.context import context
from overround.api.market_choice import MAIN_CHOICE, read_choice
from overround.api.problems import PROBLEM_RESPONSES, BadRequest
from overround.api.responses import HEADERS, NOT_MODIFIED, Revision
from overround.api.roles import guarded_router, needs

router = guarded_router(prefix="/api/board", tags=["board"])


@router.get("", responses={**NOT_MODIFIED, 422: PROBLEM_RESPONSES[422]}, summary="All events as columns")
@needs("viewer")
@answers(BoardJson, headers=HEADERS)
async def get_board(
    request: Request,
    markets: Annotated[
        str, Query(max_length=1000, description="Comma list of ids or id:line; default the main markets")
    ] = "",
) -> Response:
    """
    Return every event in memory with the chosen markets as columns.

    Raises:
        BadRequest: A market that can't be read.
    """
    api = context(request)
    try:
        choice = read_choice(markets.split(",")) if markets else MAIN_CHOICE
    except ValueError as exc:
        raise BadRequest(f"markets: {exc}") from exc
    api.hub.catch_up()
    now, cache = api.services.clock.now(), api.services.cache
    keys = api.board.keys(choice)
    seq, revision = api.hub.odds.seq, cache.revision
    state = Revision(request, api.hub.epoch, seq, (revision, keys, *api.board.version(now)))
    if held := state.not_modified():
        return held
    return await state.answer(await api.board.body(keys, seq, revision, now))

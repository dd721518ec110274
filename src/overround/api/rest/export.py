"""Export: what the filters of events select as a file, streamed."""

from collections.abc import AsyncGenerator
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse

from overround.api.context import context
from overround.api.event_query import read_query
from overround.api.export import COLUMNS, Export, What, file_name
from overround.api.export_forms import CsvForm, ParquetForm
from overround.api.problems import PROBLEM_RESPONSES, BadRequest
from overround.api.rest.events import query_parameters
from overround.api.roles import guarded_router, needs

router = guarded_router(prefix="/api/export", tags=["export"])

_PAGING = ("page", "page_size")


@router.get(
    "",
    responses={
        200: {
            "description": "The file, as an attachment",
            "content": {
                CsvForm.media_type: {"schema": {"type": "string"}},
                ParquetForm.media_type: {"schema": {"type": "string", "format": "binary"}},
            },
        },
        **{status: PROBLEM_RESPONSES[status] for status in (422, 503)},
    },
    openapi_extra={"parameters": [each for each in query_parameters() if each["name"] not in _PAGING]},
    response_class=StreamingResponse,
    summary="Prices, their history or their movements as a file",
)
@needs("viewer")
async def export(
    request: Request,
    form: Annotated[Literal["csv", "parquet"], Query(alias="format", description="Form of the file")] = "csv",
    what: Annotated[
        What, Query(description="Prices now, every stored change, or each change as from and to")
    ] = "current",
    bom: Annotated[bool, Query(description="Begin CSV with a byte order mark, for Excel")] = False,
    tz: Annotated[str, Query(max_length=50, description="Zone of kickoff_local, as in Africa/Lagos")] = "UTC",
) -> Response:
    """
    Return all rows that the filters of /api/events select, in its order; bounded memory, whatever their number.

    Raises:
        BadRequest: A parameter that can't be read, a zone that nobody knows, or pyarrow is missing.
        StorageError: The database can't be read, and the export needs it.
    """
    query = read_query({name: text for name, text in request.query_params.items() if name not in _PAGING})
    writer = ParquetForm() if form == "parquet" else CsvForm(bom)
    api = context(request)
    api.hub.catch_up()
    job = Export(api, query, what, _zone(tz))
    pieces = writer.write(COLUMNS[what], job.rows())
    headers = {
        "content-disposition": f'attachment; filename="{file_name(what, job.now, writer.ending)}"',
        "cache-control": "no-store",
    }
    if request.scope.get("overround_head"):
        return Response(media_type=writer.media_type, headers=headers)
    first = await anext(pieces, b"")  # what can't be read at all is a problem, no broken file
    return StreamingResponse(_from(first, pieces), media_type=writer.media_type, headers=headers)


async def _from(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    yield first
    async for piece in rest:
        yield piece


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise BadRequest(f"tz: no time zone is called {name!r}; write it as in Africa/Lagos") from exc

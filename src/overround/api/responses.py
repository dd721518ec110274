"""Answers made of ready bytes: ETag and 304, gzip where asked, and the headers that lead to the WebSocket."""

import asyncio
import gzip
from typing import Any

from fastapi import Request, Response
from xxhash import xxh3_64_hexdigest

from overround.api.schemas import ENCODER

GZIP_LEVEL = 4
GZIP_FROM = 2048  # bytes; below this compressing costs more than it saves
THREAD_FROM = 32_768  # bytes; from here on compressing would hold the loop for more than a millisecond


HEADERS = ("ETag", "X-Epoch", "X-Seq")  # of what `Revision` answers
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "The version that If-None-Match names is still the newest"}
}


def json(value: object, status: int = 200) -> Response:
    """Return a value as JSON that nobody may keep."""
    return Response(
        ENCODER.encode(value), status, media_type="application/json", headers={"cache-control": "no-store"}
    )


def wants_gzip(request: Request) -> bool:
    """Return whether the reader accepts gzip; a weight of 0 refuses it."""
    for part in request.headers.get("accept-encoding", "").lower().split(","):
        name, _, weight = part.strip().partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def etag(epoch: str, query: str, encoding: str, content: object) -> str:
    """Return a weak tag: the same epoch, query, encoding and content versions give the same tag."""
    return f'W/"{xxh3_64_hexdigest(repr((epoch, query, encoding, content)).encode())}"'


def is_held(request: Request, tag: str) -> bool:
    """Return whether the reader holds this version already."""
    held = request.headers.get("if-none-match", "")
    return held == "*" or tag in (part.strip() for part in held.split(","))


class Revision:
    """Where a read stands in the stream of odds_updates, and the tag of what it contains."""

    def __init__(self, request: Request, epoch: str, seq: int, content: object) -> None:
        self._request = request
        self._gzip = wants_gzip(request)
        self._tag = etag(
            epoch, request.scope["query_string"].decode("latin-1"), "gzip" if self._gzip else "", content
        )
        self._headers = {
            "etag": self._tag,
            "x-epoch": epoch,
            "x-seq": str(seq),
            "cache-control": "no-cache",
            "vary": "accept-encoding",
        }

    def not_modified(self) -> Response | None:
        """Return 304 where the reader holds this version, else None."""
        return Response(status_code=304, headers=self._headers) if is_held(self._request, self._tag) else None

    async def answer(self, body: bytes) -> Response:
        """Return the body, compressed where the reader asked for it and it pays."""
        if self._gzip and len(body) >= GZIP_FROM:
            self._headers["content-encoding"] = "gzip"
            body = await _compressed(body)
        return Response(body, media_type="application/json", headers=self._headers)


async def _compressed(body: bytes) -> bytes:
    if len(body) < THREAD_FROM:
        return gzip.compress(body, GZIP_LEVEL, mtime=0)
    return await asyncio.to_thread(gzip.compress, body, GZIP_LEVEL, mtime=0)

"""How an export is written: CSV as spreadsheets read it, or Parquet; both piece by piece in bounded memory."""

import asyncio
import csv
import io
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from importlib import import_module
from typing import Any, Protocol

from overround.api.export import NUMBERS, Cell, Row
from overround.api.problems import BadRequest

BYTE_ORDER_MARK = "\ufeff"  # tells Excel that the file is UTF-8
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins so
ROWS_AT_ONCE = 1000  # handed to the connection together
GROUP_ROWS = 20_000  # of a Parquet row group; held in memory

Rows = AsyncIterator[list[Row]]


class Form(Protocol):
    """One way to write rows as bytes."""

    media_type: str
    ending: str

    def write(self, columns: Sequence[str], rows: Rows) -> AsyncGenerator[bytes]:
        """Yield the file piece by piece."""
        ...


class CsvForm:
    """RFC 4180, UTF-8, one header row, `.` decimals."""

    media_type, ending = "text/csv; charset=utf-8", "csv"

    def __init__(self, with_mark: bool) -> None:
        self._with_mark = with_mark

    async def write(self, columns: Sequence[str], rows: Rows) -> AsyncGenerator[bytes]:
        """Yield the header row, then some rows at a time."""
        text = io.StringIO()
        writer = csv.writer(text)
        text.write(BYTE_ORDER_MARK if self._with_mark else "")
        writer.writerow(columns)
        async for some in rows:
            for start in range(0, len(some), ROWS_AT_ONCE):
                writer.writerows([map(guarded, row) for row in some[start : start + ROWS_AT_ONCE]])
                yield _taken(text)
        if text.tell():
            yield _taken(text)


def guarded(cell: Cell) -> str | float:
    """
    Return a cell that no spreadsheet takes for a formula: a text that begins like one gets an apostrophe.

    >>> guarded("=1+1"), guarded("-0.5"), guarded("Arsenal"), guarded(2.5), guarded(None)
    ("'=1+1", '-0.5', 'Arsenal', 2.5, '')
    """
    if cell is None:
        return ""
    if not isinstance(cell, str) or not cell.startswith(FORMULA):
        return cell
    return cell if cell[1:].replace(".", "", 1).isdecimal() else f"'{cell}"


def _taken(text: io.StringIO) -> bytes:
    piece = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return piece


class ParquetForm:
    """Parquet with zstd; numbers as float64, everything else as text. pyarrow is an extra of the product."""

    media_type, ending = "application/vnd.apache.parquet", "parquet"

    def __init__(self) -> None:
        """
        Find the library.

        Raises:
            BadRequest: It is not installed.
        """
        try:
            self._arrow: Any = import_module("pyarrow")
            self._parquet: Any = import_module("pyarrow.parquet")
        except ImportError as exc:
            raise BadRequest(
                "format: parquet needs pyarrow, which is not installed; install overround[parquet], or ask for csv"
            ) from exc

    async def write(self, columns: Sequence[str], rows: Rows) -> AsyncGenerator[bytes]:
        """Yield a row group at a time, then the footer; a group is written in a thread."""
        arrow = self._arrow
        schema = arrow.schema(
            [(name, arrow.float64() if name in NUMBERS else arrow.string()) for name in columns]
        )
        sink = _Sink()
        writer = self._parquet.ParquetWriter(arrow.PythonFile(sink, mode="w"), schema, compression="zstd")
        waiting: list[Row] = []
        async for some in rows:
            waiting += some
            while len(waiting) >= GROUP_ROWS:
                group, waiting = waiting[:GROUP_ROWS], waiting[GROUP_ROWS:]
                await asyncio.to_thread(self._write, writer, schema, group)
                yield sink.taken()
        if waiting:
            await asyncio.to_thread(self._write, writer, schema, waiting)
        writer.close()
        yield sink.taken()

    def _write(self, writer: Any, schema: Any, rows: list[Row]) -> None:
        arrays = [
            self._arrow.array(column, type=field.type)
            for column, field in zip(zip(*rows, strict=True), schema, strict=True)
        ]
        writer.write_table(self._arrow.Table.from_arrays(arrays, schema=schema))


class _Sink(io.RawIOBase):
    """A file that can only be written; what was written is taken out again and again."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        return True

    def write(self, piece: Any, /) -> int:
        taken = bytes(piece)
        self._pieces.append(taken)
        self._written += len(taken)
        return len(taken)

    def tell(self) -> int:
        return self._written

    def taken(self) -> bytes:
        """Return what was written since the last call."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)

"""Options that several commands share."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from filelock import FileLock, Timeout

from overround.errors import ConfigError
from overround.scraping.recording import MIB, RecordTo

DataDirOption = Annotated[
    Path | None,
    typer.Option(
        "--data-dir", help="Where database and spool lie; default OVERROUND_DATA_DIR or a folder per user."
    ),
]
PortOption = Annotated[
    int | None,
    typer.Option("--port", min=0, max=65535, help="Port of the page and the API; 0 takes a free one."),
]
RecordOption = Annotated[
    Path | None,
    typer.Option("--record", metavar="DIR", help="Keep every raw answer there, for `overround replay`."),
]
RecordMaxOption = Annotated[
    int,
    typer.Option(min=16, max=1_048_576, help="Size of the recording in MiB; the oldest part goes first."),
]
RECORD_MAX_MIB = 4096


@contextmanager
def recording_to(folder: Path | None, max_mib: int) -> Generator[RecordTo | None]:
    """
    Make the folder of a recording and hold it; without a folder nothing is recorded.

    Raises:
        ConfigError: It can't be written, or another process records there.
    """
    if folder is None:
        yield None
        return
    lock = FileLock(folder / "lock", timeout=0, mode=0o600, thread_local=False)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise ConfigError("--record", f"another process records to {folder}") from None
    except OSError as exc:
        raise ConfigError("--record", f"{folder} can't be written: {exc.strerror or exc}") from exc
    try:
        yield RecordTo(folder, max_mib * MIB)
    finally:
        lock.release()

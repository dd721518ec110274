"""The data directory: one process at a time, readable by its owner only."""

import os
import shlex
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from overround.errors import ConfigError, DataDirInUse

_OURS = ("overround.db", "spool.db", "spool.reserve", "lock", "holder.json", "recordings")


class Holder(msgspec.Struct, frozen=True):
    """Who holds the lock; written beside it, because a lock itself does not tell."""

    pid: int
    command: str


class DataDir:
    """Where everything of one installation lies: database, spool and lock."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def database(self) -> Path:
        """Return where the SQLite database lies."""
        return self.path / "overround.db"

    @property
    def spool(self) -> Path:
        """Return where the spool lies."""
        return self.path / "spool.db"

    @property
    def recordings(self) -> Path:
        """Return the folder of raw answers that changed something (setting `record_changed_days`)."""
        return self.path / "recordings"

    @contextmanager
    def lock(self) -> Generator[None]:
        """
        Make the directory and hold it: for the life of a process that scrapes or writes.

        The lock ends with the process, however it ends.

        Raises:
            DataDirInUse: Another process holds it; names that process.
            ConfigError: The directory can't be made or written.
        """
        self._make()
        lock = FileLock(self.path / "lock", timeout=0, mode=0o600, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            raise DataDirInUse(str(self.path), self._holder()) from None
        except OSError as exc:
            raise ConfigError("data_dir", f"{self.path} can't be written: {exc.strerror or exc}") from exc
        try:
            self._sign()
            yield
        finally:
            with suppress(OSError):
                self._side_file.unlink(missing_ok=True)
            lock.release()

    @property
    def _side_file(self) -> Path:
        return self.path / "holder.json"

    def _make(self) -> None:
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            # A directory that also holds other people's things, such as /tmp, is left as it is.
            if all(child.name.startswith(_OURS) for child in self.path.iterdir()):
                with suppress(PermissionError):  # another owner has chosen the mode
                    self.path.chmod(0o700)
        except OSError as exc:
            raise ConfigError("data_dir", f"{self.path} can't be used: {exc.strerror or exc}") from exc

    def _sign(self) -> None:
        program, *arguments = sys.argv or ["python"]
        holder = Holder(os.getpid(), shlex.join([Path(program).name, *arguments]))
        partial = self._side_file.with_name("holder.json.partial")
        partial.unlink(missing_ok=True)
        partial.touch(mode=0o600)
        partial.write_bytes(msgspec.json.encode(holder))
        os.replace(partial, self._side_file)

    def _holder(self) -> str:
        try:
            holder = msgspec.json.decode(self._side_file.read_bytes(), type=Holder)
        except (OSError, msgspec.DecodeError):
            return "another process"  # it took the lock this very moment and has not signed yet
        return f"process {holder.pid} ({holder.command})"

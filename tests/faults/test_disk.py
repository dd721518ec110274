"""A full disk, and files that can't be written."""

import ctypes
import os
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import Ledger
from tests.support.bookkeeper import Bookkeeper
from tests.support.postgres import Server
from tests.support.storage import Backend

_PR_CAPBSET_DROP, _CAP_DAC_OVERRIDE = 24, 1


class Disk:
    """A file system in memory of a size that can be changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.mounted = False

    def mount(self, kib: int) -> bool:
        """Mount it, return whether that is allowed here."""
        command = ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(self._folder)]
        self.mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
        return self.mounted

    def resize(self, kib: int) -> None:
        """Make room, or take it away."""
        subprocess.run(["mount", "-o", f"remount,size={kib}k", str(self._folder)], check=True)

    def unmount(self) -> None:
        """Let go of it, and of everything on it."""
        if self.mounted:
            subprocess.run(["umount", "--lazy", str(self._folder)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Generator[Disk]:
    """Return a disk for the test's folder."""
    disk = Disk(tmp_path)
    yield disk
    disk.unmount()


async def test_the_spool_on_a_full_disk(
    postgres_books: Bookkeeper, server: Server, disk: Disk, ledger: Ledger
):
    """1 MiB, and the database away: accepting stops and says so, and goes on by itself once the database is back."""
    if not disk.mount(1024):
        ledger.skip("spool on a full 1 MiB tmpfs", "mounting needs privileges")
    books, victim = postgres_books, postgres_books.start()
    victim.accept_more(200)
    server.stop()
    assert "spool" in victim.wait_for("accepting-waits")
    server.start()
    recovery_s = books.recovery()
    victim.accept_more(500)
    victim.stop()
    ledger.enter("spool on a full 1 MiB tmpfs", await books.audit(), recovery_s=recovery_s)


async def test_spool_and_database_on_a_full_disk(disk: Disk, ledger: Ledger, tmp_path: Path):
    """Both wait, say why, and go on by themselves when there is room again."""
    if not disk.mount(3072):
        ledger.skip("full disk, sqlite", "mounting needs privileges")
    books = Bookkeeper(Backend(), tmp_path)
    victim = books.start()
    victim.wait_for("accepting-waits")
    disk.resize(262144)
    recovery_s = books.recovery()
    victim.accept_more(500)
    victim.stop()
    ledger.enter("full disk, sqlite", await books.audit(), recovery_s=recovery_s)


@pytest.mark.whole
async def test_a_database_file_that_can_not_be_written(ledger: Ledger, tmp_path: Path):
    """The start says why it waits, and goes on by itself once the file can be written."""
    books = Bookkeeper(Backend(), tmp_path)
    first = books.start()
    first.accept_more(100)
    first.stop()
    (tmp_path / "overround.db").chmod(0o400)
    victim = books.start(**_without_root())
    assert "readonly" in victim.wait_for("unopened")
    (tmp_path / "overround.db").chmod(0o600)
    recovery_s = books.recovery()
    victim.accept_more(200)
    victim.stop()
    ledger.enter("read-only database file", await books.audit(), recovery_s=recovery_s)


def _without_root() -> dict[str, Any]:
    """Return how to start a process that file modes hold for, root or not."""
    if os.geteuid() != 0:
        return {}
    libc = ctypes.CDLL(None)
    return {"preexec_fn": lambda: libc.prctl(_PR_CAPBSET_DROP, _CAP_DAC_OVERRIDE, 0, 0, 0)}

"""The data directory and its lock."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from overround.errors import ConfigError, DataDirInUse
from overround.storage.data_dir import DataDir

HOLD = """
import sys
from pathlib import Path
from overround.storage.data_dir import DataDir
with DataDir(Path(sys.argv[1])).lock():
    print("held", flush=True)
    sys.stdin.read()
"""


def holding(path: Path) -> "subprocess.Popen[str]":
    """Start a process that holds the directory until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_process_is_refused_and_told_who_holds_it(tmp_path: Path):
    """I6: the sentence names the process, so that a person can find it."""
    with holding(tmp_path / "data") as process:
        with pytest.raises(DataDirInUse) as refused, DataDir(tmp_path / "data").lock():
            pass
        process.kill()
    assert f"process {process.pid} (" in refused.value.holder
    assert str(tmp_path / "data") in refused.value.holder  # its command line
    assert str(refused.value).endswith("stop it or choose another with --data-dir")


def test_the_lock_ends_with_the_process_however_it_ends(tmp_path: Path):
    """kill -9 leaves nothing behind that a person would have to remove."""
    with holding(tmp_path / "data") as process:
        process.kill()
    with DataDir(tmp_path / "data").lock():
        pass


def test_it_can_be_taken_again_after_it_was_given_back(tmp_path: Path):
    """A run from the command line, then a server."""
    for _ in range(2):
        with DataDir(tmp_path / "data").lock():
            pass
    assert not (tmp_path / "data" / "holder.json").exists()


def test_only_its_owner_gets_in(tmp_path: Path):
    """Prices, settings and later keys are nobody else's business."""
    data_dir = DataDir(tmp_path / "new" / "data")
    with data_dir.lock():
        assert data_dir.path.stat().st_mode & 0o777 == 0o700
        assert {child.stat().st_mode & 0o777 for child in data_dir.path.iterdir()} == {0o600}


def test_a_loose_directory_of_ours_is_tightened(tmp_path: Path):
    """One made by hand before the first start."""
    (tmp_path / "data").mkdir(mode=0o755)
    with DataDir(tmp_path / "data").lock():
        assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_a_directory_with_other_things_in_it_keeps_its_mode(tmp_path: Path):
    """Pointed at /tmp by mistake, we don't lock everybody else out."""
    tmp_path.chmod(0o755)
    (tmp_path / "somebody-elses").touch()
    with DataDir(tmp_path).lock():
        assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_a_path_that_is_no_directory_is_a_configuration_error(tmp_path: Path):
    """One sentence, not a traceback."""
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="can't be used"), DataDir(tmp_path / "file").lock():
        pass


def test_the_holder_is_named_without_a_side_file(tmp_path: Path):
    """It took the lock this very moment and has not signed yet."""
    with holding(tmp_path) as process:
        os.unlink(tmp_path / "holder.json")
        with pytest.raises(DataDirInUse, match="another process"), DataDir(tmp_path).lock():
            pass
        process.kill()

"""`overround replay`: what it refuses, and what it says of a recording that has holes."""

import json

import msgspec
import pytest
from typer.testing import CliRunner

from overround.errors import ConfigError
from overround.scraping.recording_format import Lost
from overround.storage.data_dir import DataDir
from tests.support.cli import app
from tests.support.recorded import BEGAN, answered, entries, registered, writer, written


@pytest.fixture(autouse=True)
def logs_stay_as_they_are(monkeypatch):
    """The command sets up logging for its process, which is the tests' here."""
    monkeypatch.setattr("overround.cli.replay.configure", lambda level: None)


def replay(*arguments: object):
    return CliRunner().invoke(app, ["replay", *map(str, arguments)])


def test_holes_in_a_recording_are_said(tmp_path):
    """A figure that rests on half a recording must not look whole."""
    folder = tmp_path / "recording"
    written(folder, registered(), Lost(4), answered(b"no such body"))
    (segment,) = folder.glob("*.rec")
    segment.write_bytes(segment.read_bytes()[:-1])
    done = replay(folder, "--data-dir", tmp_path / "data", "--json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout.splitlines()[-1])
    assert (report["sessions"], report["inputs"], report["lost"], report["events"]) == (1, 1, 4, 1)
    assert report["torn"] == [segment.name] and report["data_dir"] == str(tmp_path / "data")


def test_without_a_directory_the_replay_makes_its_own_and_says_where(tmp_path, monkeypatch):
    """A replay never writes into the data of a running installation."""
    monkeypatch.setenv("OVERROUND_DATA_DIR", str(tmp_path / "live"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    written(tmp_path / "recording", registered())
    done = replay(tmp_path / "recording")
    assert done.exit_code == 0, done.output
    (made,) = tmp_path.glob("overround-replay-*")
    assert f"database in {made}" in done.stdout
    assert DataDir(made).database.exists() and not (tmp_path / "live").exists()


def test_a_directory_that_holds_data_is_refused(tmp_path):
    """Replayed prices must not mix with others, not even with those of another replay."""
    written(tmp_path / "recording", registered())
    assert replay(tmp_path / "recording", "--data-dir", tmp_path / "data").exit_code == 0
    again = replay(tmp_path / "recording", "--data-dir", tmp_path / "data")
    assert isinstance(again.exception, ConfigError) and "holds data already" in str(again.exception)


@pytest.mark.parametrize("other", [{"world": "live"}, {"countries": {"betpawa": "gh"}}])
def test_sessions_that_do_not_belong_together_are_refused(tmp_path, other):
    """I17 holds for recordings too."""
    folder = tmp_path / "recording"
    for began in (BEGAN, msgspec.structs.replace(BEGAN, session="later", **other)):
        made = writer(folder, session=began)
        made.write(entries(registered()))
        made.close()
    done = replay(folder, "--data-dir", tmp_path / "data")
    assert isinstance(done.exception, ConfigError) and "folders of their own" in str(done.exception)


def test_a_folder_without_a_recording_is_refused(tmp_path):
    """Nothing is made before the path is known to be right."""
    done = replay(tmp_path)
    assert isinstance(done.exception, ConfigError) and "holds no recording" in str(done.exception)

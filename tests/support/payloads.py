"""Real captured answers, where the machine has them: OVERROUND_PAYLOADS, default ../shared/payloads."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("OVERROUND_PAYLOADS") or ROOT.parent / "shared" / "payloads")

needs_payloads = [
    pytest.mark.payloads,
    pytest.mark.skipif(
        not FOLDER.is_dir(), reason="captured payloads are not here: set OVERROUND_PAYLOADS to their folder"
    ),
]


def payload(bookmaker: str, name: str) -> bytes:
    """Return the bytes of one captured answer; skips the test where the folder is missing."""
    if not FOLDER.is_dir():
        pytest.skip("captured payloads are not here: set OVERROUND_PAYLOADS to their folder")
    return (FOLDER / bookmaker / name).read_bytes()

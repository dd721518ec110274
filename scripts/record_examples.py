"""
Record the examples of the OpenAPI document: what the app answers over the world that its tests work with.

    python scripts/record_examples.py

Writes src/overround/api/examples/<operation>.json, answers by status; tests/api/test_openapi.py holds them against
the document.
"""

import asyncio
import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.exchanges import exchanged  # noqa: E402

FOLDER = ROOT / "src/overround/api/examples"
MOST_ROWS = 3  # of a list whose rows are alike
ASYNCAPI = ("asyncapi", "info", "defaultContentType")  # of a document with its own place, the head
SECRETS, SECRET = ("ticket", "secret"), "known-to-you-alone"
MADE_ID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b")


def shortened(value: Any) -> Any:
    """Return a JSON value with long lists of objects cut."""
    if isinstance(value, dict) and "asyncapi" in value:
        return {name: value[name] for name in ASYNCAPI}
    if isinstance(value, dict):
        return {name: SECRET if name in SECRETS else shortened(each) for name, each in value.items()}
    if isinstance(value, list):
        rows = [shortened(each) for each in value]
        return rows[:MOST_ROWS] if all(isinstance(each, dict) for each in rows) else rows
    return value


async def record() -> dict[str, dict[str, Any]]:
    """Return the answers by operation and status."""
    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        async for exchange, answer in exchanged(Path(folder)):
            found.setdefault(exchange.operation, {})[str(exchange.status)] = shortened(answer)
    return found


def main() -> None:
    """Replace the folder's content."""
    FOLDER.mkdir(exist_ok=True)
    found = asyncio.run(record())
    for file in FOLDER.glob("*.json"):
        if file.stem not in found:
            file.unlink()
    for operation, answers in found.items():
        text = json.dumps(answers, indent=1, ensure_ascii=False)
        for number, made in enumerate(dict.fromkeys(MADE_ID.findall(text))):
            text = text.replace(made, f"01976f2e-0000-7000-8000-{number:012}")
        (FOLDER / f"{operation}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

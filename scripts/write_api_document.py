"""
Write one document of REST and WebSocket together, from which the page's types are made.

    python scripts/write_api_document.py FILE

It is /api/openapi.json without examples, with the schemas of /api/asyncapi.json among its components.
"""

import json
import sys
from pathlib import Path
from typing import Any

from overround.api.app import ROUTERS
from overround.api.openapi import document
from overround.api.ws import asyncapi


def without_examples(value: Any) -> Any:
    """Return a document without its examples."""
    if isinstance(value, dict):
        return {name: without_examples(each) for name, each in value.items() if name != "example"}
    return [without_examples(each) for each in value] if isinstance(value, list) else value


def whole() -> dict[str, Any]:
    """Return the document."""
    rest = document(ROUTERS)
    schemas = asyncapi.document()["components"]["schemas"] | rest["components"]["schemas"]
    rest["components"]["schemas"] = dict(sorted(schemas.items()))
    return without_examples(rest)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(whole()), encoding="utf-8")

"""Metrics are part of the product: documented, and the dashboard is built on those that exist."""

import json
import re
from pathlib import Path

from prometheus_client import REGISTRY

from overround import loop_metrics, metrics

DOCS = Path(__file__).parents[1] / "docs"


def served() -> set[str]:
    """Return every sample name that /api/metrics can have: those of the metrics that the product declares."""
    assert metrics and loop_metrics
    suffixes = {
        "counter": ("_total",),
        "histogram": ("_bucket", "_count", "_sum"),
        "gauge": ("",),
    }
    return {
        family.name + suffix
        for family in REGISTRY.collect()
        if family.name.startswith("overround_")
        for suffix in suffixes[family.type]
    }


def test_every_metric_of_the_dashboard_exists():
    """A panel on a metric that nobody sets stays empty without a word."""
    dashboard = json.loads((DOCS / "grafana" / "overround.json").read_text())
    named = set[str]()
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            found = set(re.findall(r"overround_\w+", target["expr"]))
            assert found, panel["title"]
            named |= found
    assert len(named) > 20
    assert sorted(named - served()) == []


def test_every_metric_is_explained():
    """An operator finds its name, kind and meaning in the table."""
    table = (DOCS / "operations.md").read_text()
    names = {re.sub(r"_(bucket|count|sum)$", "", name) for name in served()}
    assert sorted(name for name in names if f"| `{name}` |" not in table) == []

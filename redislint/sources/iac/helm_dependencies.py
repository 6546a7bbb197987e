"""Which keys of a values file are those of charts of ours, as the chart beside it says."""

from __future__ import annotations

import os
import re

from redislint.conf.document import Document
from redislint.sources.iac.deployment import World
from redislint.sources.iac.nodes import Node, NodeError, documents

_OUR_CHART = re.compile(r"redis|valkey|keydb", re.IGNORECASE)
_FILES = ("Chart.yaml", "requirements.yaml")


def keys_of_charts(host: Document, world: World) -> frozenset[str]:
    """The keys below which the values of a dependency stand: its alias, or its name. The
    chart's own name stands for "", the top of the file. Nothing where no chart is beside."""
    folder = os.path.dirname(host.path or "")
    found: set[str] = set()
    for name in _FILES:
        chart = world.read(os.path.join(folder, name))
        for root in _documents(chart) if chart is not None else ():
            if _OUR_CHART.search(root.string("name")):
                found.add("")
            for item in root.list("dependencies"):
                if _OUR_CHART.search(item.string("name")):
                    found.add(item.string("alias") or item.string("name"))
    return frozenset(found)


def _documents(chart: Document) -> list[Node]:
    """Its documents; none of one that is no YAML: what uses it tells that better."""
    try:
        return documents(chart)
    except NodeError:
        return []

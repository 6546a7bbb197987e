"""What a stock configuration and the files of public repositories are told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redislint import catalog
from redislint.model import OutcomeKind


@pytest.mark.parametrize("server", catalog.SERVERS, ids=str)
def test_a_stock_server_is_told_nothing_grave(server: Any, audit: Callable[..., Any]) -> None:
    text = "" if server in catalog.SUPPORTED else "save 900 1\nsave 300 10\nsave 60 10000\n"
    found = audit(text, server)
    recommended = [v for v in found.violations if "strict" not in v.rule.tags]
    assert {v.rule.id for v in recommended} == {"RL301"}
    assert {v.severity.value for v in recommended} == {"info"}
    assert not [o for o in found.outcomes if o.kind is OutcomeKind.UNKNOWN]


def test_no_rule_breaks_on_real_files(shared: Path, audit: Callable[..., Any]) -> None:
    files = sorted((shared / "corpus" / "redis-conf").iterdir())
    assert files
    for path in files:
        data = path.read_bytes()
        for server in ("redis-6.2", "valkey-9.1"):
            found = audit(data, server, {"workload": "ledger"})
            assert found.errors == (), path.name
            assert len(found.outcomes) == len({o.rule for o in found.outcomes})

"""What a stock configuration and the files of public repositories are told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redislint import catalog
from redislint.audit import check
from redislint.model import OutcomeKind


@pytest.mark.parametrize("server", catalog.SERVERS, ids=str)
def test_a_stock_server_is_told_nothing_grave(server: Any, audit: Callable[..., Any]) -> None:
    text = "" if server in catalog.SUPPORTED else "save 900 1\nsave 300 10\nsave 60 10000\n"
    found = audit(text, server)
    recommended = [v for v in found.violations if "strict" not in v.rule.tags]
    assert {v.rule.id for v in recommended} == {"RL301"}
    assert {v.severity.value for v in recommended} == {"info"}
    assert not [o for o in found.outcomes if o.kind is OutcomeKind.UNKNOWN]


@pytest.mark.parametrize("server", catalog.SERVERS, ids=str)
def test_a_file_alone_is_not_asked_what_only_a_server_knows(
    server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rules about running servers and hosts do not apply to a file, and do not ask for more."""
    monkeypatch.chdir(tmp_path)
    Path("redis.conf").write_text("appendonly yes\nsave 60 1000\nmaxmemory 1gb\n")
    report = check(["redis.conf"], server=str(server))
    assert report.errors == ()
    assert not [o for o in report.outcomes if o.kind in (OutcomeKind.UNKNOWN, OutcomeKind.ERROR)]
    of_old_defaults = {"RL711"} if str(server) in ("redis-2.8", "redis-3.0") else set()
    assert {f.rule for f in report.findings} & {"RL711", "RL802"} == of_old_defaults


def test_no_rule_breaks_on_real_files(shared: Path, audit: Callable[..., Any]) -> None:
    files = sorted((shared / "corpus" / "redis-conf").iterdir())
    assert files
    for path in files:
        data = path.read_bytes()
        for server in ("redis-6.2", "valkey-9.1"):
            found = audit(data, server, {"workload": "ledger"})
            assert found.errors == (), path.name
            assert len(found.outcomes) == len({o.rule for o in found.outcomes})

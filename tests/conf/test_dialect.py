"""Which version speaks how: the table is total, and follows the nearest older version."""

from __future__ import annotations

import pytest

from redislint import catalog
from redislint.conf.dialect import dialect
from redislint.conf.validity import text_checks
from redislint.model import Server


@pytest.mark.parametrize("server", catalog.SERVERS, ids=str)
def test_every_version_has_one(server: Server) -> None:
    rules = dialect(server)
    assert rules is dialect(Server(server.engine, server.version))
    for name, value in rules._asdict().items():
        assert value is not None, name
    assert rules.bad_memory_suffix in ("digits", "zero", "refuse")
    assert rules.queued_names in ("none", "dotted", "all")
    assert rules.save_reset in ("always", "per-file", "once")
    assert rules.hz_clamp in ("line", "end", "crash")


def test_versions_between_follow_the_older_one() -> None:
    def table(server: Server) -> dict[str, object]:
        found = dialect(server)._asdict()
        return {name: value for name, value in found.items() if name != "text_checks"}

    assert table(Server("redis", (7, 3))) == table(Server("redis", (7, 2)))
    assert table(Server("redis", (6, 2, 14))) == table(Server("redis", (6, 2)))
    assert table(Server("valkey", (9, 2))) == table(Server("valkey", (9, 1)))


@pytest.mark.parametrize("server", catalog.SERVERS, ids=str)
def test_text_checks_name_directives(server: Server) -> None:
    """Each check is of a directive that some version knows."""
    for name in text_checks(server):
        assert catalog.directive(name) is not None

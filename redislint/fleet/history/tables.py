"""The tables as this version reads and writes them; `migrations` makes them.

Times are texts (ISO 8601, UTC, to the second), so both databases keep and compare them alike.
"""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, MetaData, Table, Text

metadata = MetaData()


def _key(name: str) -> Column[int]:
    return Column(name, Integer, primary_key=True, autoincrement=False, nullable=False)


def _text(name: str, null: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null)


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


schema = Table("redislint_schema", metadata, _count("version"))

fleets = Table(
    "redislint_fleets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    # Written first in every transaction, so that two runs on one fleet follow each other.
    _count("takes"),
)

runs = Table(
    "redislint_runs",
    metadata,
    Column("id", Integer, primary_key=True),
    _count("fleet"),
    _text("run"),
    _text("started"),
    _text("ended"),
    _text("inventory"),
    _text("version"),
    _count("complete"),
    _count("audited"),
    _count("partial"),
    _count("unreachable"),
    _count("errors"),
    _count("warnings"),
    _count("infos"),
    _count("new"),
    _count("fixed"),
    Column("score", Float),
    Column("coverage", Float),
    Index("redislint_runs_run", "fleet", "run", unique=True),
    Index("redislint_runs_started", "fleet", "started"),
)

targets = Table(
    "redislint_targets",
    metadata,
    Column("id", Integer, primary_key=True),
    _count("fleet"),
    _text("entry"),
    _text("target"),
    _text("first_seen"),
    _text("last_seen"),
    # The newest look that read something: findings are as that one left them.
    _text("read_at", null=True),
    Column("read_run", Integer),
    _text("gone_at", null=True),
    Column("gone_run", Integer),
    Index("redislint_targets_entry", "fleet", "entry", "target", unique=True),
    Index("redislint_targets_target", "fleet", "target"),
)

looks = Table(
    "redislint_looks",
    metadata,
    _key("target"),
    _key("run"),
    _text("at"),
    _text("status"),
    _text("reason"),
    Column("score", Float),
    Column("coverage", Float),
    _count("errors"),
    _count("warnings"),
    _count("infos"),
    Index("redislint_looks_run", "run"),
)

findings = Table(
    "redislint_findings",
    metadata,
    _key("target"),
    Column("fingerprint", Text, primary_key=True, nullable=False),
    _text("rule"),
    _text("name"),
    _text("severity"),
    _text("message"),
    _count("waived"),
    _text("first_seen"),
    _text("since"),
    _text("last_seen"),
    _count("looks"),
    _count("bits"),
    _text("gone_at", null=True),
    Column("gone_run", Integer),
    Index("redislint_findings_rule", "rule"),
    Index("redislint_findings_gone", "gone_run"),
)

counters = Table(
    "redislint_counters",
    metadata,
    _key("target"),
    _text("at"),
    _text("data"),
)

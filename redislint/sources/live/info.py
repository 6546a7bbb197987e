"""The text of INFO, field by field. What a version does not tell is absent, never 0."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Pairs = Mapping[str, str]

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,19})\Z")
_DECIMAL = re.compile(r"-?[0-9]{1,20}\.[0-9]{1,20}\Z")
_PERCENT = re.compile(r"(-?[0-9]{1,20}(?:\.[0-9]{1,20})?)%\Z")
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_NUMBERED = re.compile(r"(slave|db|master|module|listener|io_thread_?|engine_|main)[0-9]*\Z")

_TEXT = frozenset(
    {
        "redis_version",
        "valkey_version",
        "redis_git_sha1",
        "redis_build_id",
        "run_id",
        "master_replid",
        "master_replid2",
        "master_host",
        "gcc_version",
        "executable",
        "config_file",
        "os",
        "availability_zone",
    }
)
"""Fields that are text even where they look like a number."""

NEVER = {
    "rdb_last_bgsave_time_sec": "no save has ended since the server started",
    "rdb_current_bgsave_time_sec": "no save is running",
    "aof_last_rewrite_time_sec": "no AOF rewrite has ended since the server started",
    "aof_current_rewrite_time_sec": "no AOF rewrite is running",
    "master_last_io_seconds_ago": "the replica has no link to its primary",
    "second_repl_offset": "the server was never a replica of another primary",
    "slave_repl_offset": "the replica has not synchronised",
    "slave_read_repl_offset": "the replica has not synchronised",
    "rdb_last_cow_size": "no save has ended since the server started",
    "loading_eta_seconds": "the server cannot tell yet",
}
"""Fields in which -1 means that there is no value, and what it means."""


@dataclass(frozen=True, slots=True)
class Info:
    """INFO as it was answered: section -> pairs of field and text, both in order.

    `fields` maps every field to its first text.
    """

    sections: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    fields: Pairs = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """A field's text, None when the server does not tell it."""
        return self.fields.get(name)

    def number(self, name: str) -> int | float | None:
        """A field's number, None when there is none."""
        value = typed(name, self.fields[name]) if name in self.fields else None
        return value if isinstance(value, int | float) else None


def parse_info(data: bytes) -> Info:
    """Read the reply to INFO. Lines that are neither section nor field are passed over."""
    sections: dict[str, list[tuple[str, str]]] = {}
    fields: dict[str, str] = {}
    section = ""
    for line in data.decode("utf-8", "replace").splitlines():
        if line.startswith("#"):
            section = line[1:].strip().lower()
            sections.setdefault(section, [])
            continue
        name, found, text = line.partition(":")
        if not found or not name or " " in name:
            continue
        sections.setdefault(section, []).append((name, text))
        fields.setdefault(name, text)
    return Info({name: tuple(pairs) for name, pairs in sections.items()}, fields)


def typed(name: str, text: str) -> Any:
    """A field's value: int, float (percentages as ratios), text; None where it says that
    there is no value (`nan`, or -1 in the fields of `NEVER`)."""
    if name in _TEXT:
        return text
    if _INTEGER.match(text):
        number = int(text)
        return None if number == -1 and name in NEVER else number
    if _DECIMAL.match(text):
        return float(text)
    percent = _PERCENT.match(text)
    if percent:
        return float(percent[1]) / 100
    return None if text.lower().lstrip("-") in ("nan", "inf") else text


def scalars(info: Info) -> Iterator[tuple[str, Any]]:
    """Every plain field with its value; those whose value is None stand for `unknown`."""
    for name, text in info.fields.items():
        plain = _NAME.match(name) and not (_NUMBERED.match(name) and "=" in text)
        if plain and not name.startswith(("cmdstat_", "errorstat_", "latency_percentiles")):
            yield name, typed(name, text)


def unit(name: str) -> str:
    """The unit of a field, read off its name; "" for a plain number or text."""
    if name.endswith("_human"):
        return ""
    if name.endswith(("_perc", "_ratio")):
        return "ratio"
    if name.endswith(("_seconds", "_sec", "_seconds_ago")):
        return "s"
    if name.endswith("_usec"):
        return "us"
    sized = ("_bytes", "_cow_size", "aof_base_size", "aof_current_size", "backlog_size")
    if name.endswith((*sized, "_memory", "aof_buffer_length", "_backlog_histlen")):
        return "bytes"
    if name.startswith(("used_memory", "mem_clients_", "maxmemory")) and name != "maxmemory_policy":
        return "bytes"
    return ""


def composite(text: str) -> dict[str, Any]:
    """`a=1,b=x` as a mapping; a name that repeats becomes a list."""
    values: dict[str, Any] = {}
    for part in text.split(","):
        name, found, value = part.partition("=")
        if not found:
            continue
        new = typed(name, value)
        if name in values:
            old = values[name]
            values[name] = [*old, new] if isinstance(old, list) else [old, new]
        else:
            values[name] = new
    return values


def numbered(info: Info, prefix: str) -> list[dict[str, Any]]:
    """`slave0`, `slave1`, ... as mappings, in order; also `db` (with its number as `index`)."""
    found = []
    for name, text in info.fields.items():
        rest = name[len(prefix) :]
        if name.startswith(prefix) and rest.isdigit() and "=" in text:
            found.append({"index": int(rest), **composite(text)})
    return sorted(found, key=lambda row: row["index"])


def counts(info: Info, prefix: str, key: str) -> dict[str, int] | None:
    """Counters by name (`errorstat_OOM:count=3` -> {"OOM": 3}); None without that section."""
    section = {"errorstat_": "errorstats", "cmdstat_": "commandstats"}[prefix]
    if section not in info.sections:
        return None
    rows = {}
    for name, text in info.sections[section]:
        value = composite(text).get(key)
        if name.startswith(prefix) and isinstance(value, int):
            rows[name[len(prefix) :]] = value
    return rows


def keyspace(info: Info) -> dict[str, Any]:
    """`keys`, `expires` over all databases, `databases` that hold keys, and the share of keys
    that expire (absent without keys). Empty where INFO has no Keyspace section."""
    if "keyspace" not in info.sections:
        return {}
    rows = [row for row in numbered(info, "db") if isinstance(row.get("keys"), int)]
    keys = sum(row["keys"] for row in rows)
    expires = sum(row["expires"] for row in rows if isinstance(row.get("expires"), int))
    found: dict[str, Any] = {"keys": keys, "expires": expires, "databases": len(rows)}
    if keys:
        found["expiring_share"] = min(expires / keys, 1.0)
    return {name: v for name, v in found.items() if not (isinstance(v, float) and math.isnan(v))}

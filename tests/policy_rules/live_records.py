"""What real servers answered, turned into facts and held against the built-in rules.

A record is `{engine, version, info, config, time, later, after_seconds}`: INFO fields by
name, directives by name as CONFIG GET shows them (None when it was refused), the server's
clock, and the INFO fields of a second sample.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from redislint import catalog
from redislint.conf.document import parse
from redislint.conf.resolve import resolve
from redislint.facts import derive, expression_values, live, rates
from redislint.facts.declared import declared_facts
from redislint.facts.workload import Workload
from redislint.model import Fact, Server, Target
from redislint.policy.engine import Engine, Evaluation

Record = Mapping[str, Any]

GROUPS = {"save": 2, "client-output-buffer-limit": 4}
"""Directives whose CONFIG GET text holds several lines of the file: words of each."""

BARE = ("bind", "replicaof", "slaveof", "oom-score-adj-values", "latency-tracking-info-percentiles")
"""Directives that take several words: no quotes around their text."""


def from_shared(document: Mapping[str, Any]) -> dict[str, Any]:
    """A record of the measured data in the form used here."""
    replies = document["replies"]
    config = replies.get("CONFIG GET *", {"error": "none"})
    time = replies.get("TIME")
    second = document.get("second_sample") or {}
    return {
        "state": document["state"],
        "engine": document["engine"],
        "version": document["version"],
        "info": info_fields(replies),
        "config": None if "error" in config else config,
        "refusal": config.get("error", ""),
        "time": int(time[0]) + int(time[1]) / 1e6 if isinstance(time, list) else None,
        "later": info_fields(second.get("replies", {})),
        "after_seconds": second.get("after_seconds"),
    }


def info_fields(replies: Mapping[str, Any]) -> dict[str, str]:
    """INFO fields of the first of the three commands that brought any."""
    for command in ("INFO everything", "INFO all", "INFO"):
        text = replies.get(command)
        if isinstance(text, str) and text.strip():
            lines = (line.partition(":") for line in text.splitlines() if line[:1] != "#")
            return {name: value for name, colon, value in lines if colon}
    return {}


def conf_text(config: Mapping[str, str], server: Server) -> str:
    """A file that gives the values that CONFIG GET showed."""
    lines = []
    for name, value in config.items():
        spec = catalog.lookup(name, server)
        gone = name == "dir" and not value  # the directory was removed
        if spec is None or spec.name != name or not spec.config_file or gone:
            continue
        words = value.split()
        if name in GROUPS:
            size = GROUPS[name]
            groups = [words[i : i + size] for i in range(0, len(words), size)]
            lines += [f'{name} ""'] if name == "save" else []
            lines += [f"{name} {' '.join(group)}" for group in groups]
        elif name in BARE:
            lines += [f"{name} {value}"] if value else []
        else:
            lines.append(f'{name} "{value}"')
    return "\n".join(lines).replace("{{DIR}}", "/var/lib/redis") + "\n"


class Recorded:
    """Evaluates records with a set of rules."""

    def __init__(self, rules: Iterable[Any], workloads: Mapping[str, Workload]) -> None:
        self._engine = Engine(rules, spelling=_spelling)
        self._workloads = workloads

    def target(self, record: Record, declared: Mapping[str, str] | None = None) -> Target:
        """The record as a running server, its facts derived."""
        server = Server.parse(f"{record['engine']}-{record['version']}")
        info = live.typed(record["info"])
        config, is_set = live.settings(info), bool
        if record["config"] is not None:
            conf = resolve(parse(conf_text(record["config"], server), "running"), server)
            assert conf.accepted, conf.rejection
            config = expression_values(conf.values())
        known: dict[str, Any] = {f"info.{name}": value for name, value in info.items()}
        known["target.config_refusal"] = record["refusal"]
        if record["time"] is not None:
            known["server.time"] = record["time"]
        if record["later"]:
            changes = rates.change_facts(
                record["info"], record["later"], record["after_seconds"], config
            )
            known.update((path, fact.value) for path, fact in changes.items())
        facts = declared_facts(dict(declared or {}), self._workloads)
        known.update((path, fact.value) for path, fact in facts.items())
        facts.update(derive(config, is_set, server, known=known))
        facts.update((p, Fact(value)) for p, value in known.items() if p not in facts)
        facts["config"] = Fact(config)
        facts["set"] = Fact(dict.fromkeys(config, True))
        return Target(id="server", kind="live", uri="redis://", server=server, facts=facts)

    def evaluate(self, record: Record, declared: Mapping[str, str] | None = None) -> Evaluation:
        return self._engine.evaluate(self.target(record, declared))


def _spelling(name: str, server: Server) -> str | None:
    spec = catalog.lookup(name, server)
    return spec.name if spec else None


def read_shared(folder: Path, state: str) -> list[dict[str, Any]]:
    """Every record of one state of the measured data."""
    import json

    files = sorted((folder / "data" / "states" / state).glob("*.json"))
    return [from_shared(json.loads(path.read_text(encoding="utf-8"))) for path in files]

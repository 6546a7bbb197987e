"""Records of a made-up fleet: as many as wished, the same in every run, valid by the schema."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from redislint.fleet.model import RECORD, FleetReport, Record, Run

RULES = {
    "RL201": ("no-persistence", "error", "persistence"),
    "RL203": ("rdb-only-loss-window", "warning", "persistence"),
    "RL212": ("stop-writes-on-bgsave-error-off", "warning", "persistence"),
    "RL232": ("fork-memory-headroom", "error", "memory"),
    "RL301": ("maxmemory-not-set", "warning", "memory"),
    "RL305": ("eviction-on-durable-workload", "error", "memory"),
    "RL401": ("no-authentication", "error", "security"),
    "RL425": ("known-vulnerable-version", "error", "security"),
    "RL501": ("replica-without-auth", "info", "replication"),
    "RL711": ("slowlog-off", "info", "operations"),
}
"""Ids with names, severities and categories such as real rules have."""

TEAMS = ("payments", "search", "identity", "mobile <b>&\"'")
MODES = (("none", "unbounded"), ("rdb", 300), ("aof-everysec", 2), ("aof-always", 0))
RUN = Run(
    "20261128T031700Z-0001",
    "2026-11-28T03:17:00Z",
    "2026-11-28T03:21:40Z",
    "inventory.yaml",
    "inventory",
    "0.1.0",
)


@dataclass(frozen=True)
class Records:
    """`count` records, made anew each time they are iterated."""

    count: int
    seed: int = 1

    def __iter__(self) -> Iterator[Record]:
        random = Random(self.seed)
        return (record(random, number) for number in range(self.count))

    def __len__(self) -> int:
        return self.count


def report(count: int, seed: int = 1, **more: Any) -> FleetReport:
    """A report over `count` targets, of the first run of a fleet unless `more` says else."""
    return FleetReport(RUN, Records(count, seed), complete=True, rules=rules(), **more)


def rules() -> dict[str, dict[str, Any]]:
    """What a FleetReport says of the rules."""
    return {
        rule: {
            "name": name,
            "summary": f"What {name} is about.",
            "severity": severity,
            "category": category,
            "help": f"Why {name} matters, and what to do.",
            "tags": [category],
            "references": [f"https://redis.io/docs/{name}"],
        }
        for rule, (name, severity, category) in RULES.items()
    }


def record(random: Random, number: int) -> Record:
    """One record; about 1 in 20 is unreachable and 1 in 20 partial."""
    entry = f"cache-{number:05}"
    fate = random.random()
    status = "unreachable" if fate < 0.05 else "partial" if fate < 0.1 else "audited"
    base = {
        "schema": RECORD,
        "entry": entry,
        "target": f"redis://10.0.{number // 250}.{number % 250}:6379",
        "kind": "live",
        "uri": f"redis://10.0.{number // 250}.{number % 250}:6379",
        "status": status,
        "reason": {
            "unreachable": "connection refused",
            "partial": "CONFIG GET is refused to this user",
            "audited": "",
        }[status],
        "at": f"2026-11-28T03:{17 + number % 4}:{number % 60:02}Z",
        "seconds": round(random.uniform(0.01, 2.5), 3),
        "attempts": 3 if status == "unreachable" else 1,
        "environment": random.choice(("production", "staging", "")),
        "workload": random.choice((["queue"], ["cache"], [])),
        "rpo": "1s" if number % 7 == 0 else "",
        "rto": "",
        "tags": {"team": random.choice(TEAMS)} if number % 9 else {},
    }
    return Record.of(base | (_nothing() if status == "unreachable" else _read(random, entry)))


def _nothing() -> dict[str, Any]:
    return {
        "server": None,
        "role": None,
        "persistence": None,
        "score": None,
        "coverage": None,
        "outcomes": {"pass": 0, "fail": 0, "not-applicable": 0, "unknown": 0, "error": 0},
        "findings": [],
        "unknown": [],
        "errors": [{"stage": "read", "message": "connection refused"}],
        "counters": None,
    }


def _read(random: Random, entry: str) -> dict[str, Any]:
    mode, loss = random.choice(MODES)
    failing = sorted(random.sample(sorted(RULES), random.randrange(6)))
    return {
        "server": {
            "engine": random.choice(("redis", "valkey")),
            "version": random.choice(("6.2.14", "7.2.5", "8.0.1")),
            "assumed": False,
        },
        "role": random.choice(("master", "replica")),
        "persistence": {
            "mode": mode,
            "loss_window_s": {"process_crash": 0 if mode != "none" else loss, "host_crash": loss},
            "restart_s": None if mode == "none" else random.randrange(1, 900),
        },
        "score": round(100 - 9.5 * len(failing), 1),
        "coverage": round(random.uniform(0.6, 1), 3),
        "outcomes": {
            "pass": 90 - len(failing),
            "fail": len(failing),
            "not-applicable": 40,
            "unknown": 2,
            "error": 0,
        },
        "findings": [_finding(rule, entry) for rule in failing],
        "unknown": [
            {
                "missing": "host.vm_overcommit_memory",
                "rules": ["RL701"],
                "hint": "audit the host: redislint facts host",
            },
            {
                "missing": "backup.count",
                "rules": ["RL248", "RL249"],
                "hint": "declare backups in the inventory's tags",
            },
        ],
        "errors": [],
        "counters": {
            "run_id": f"{random.getrandbits(160):040x}",
            "at": 1795835820.0,
            "values": {"aof_delayed_fsync": random.randrange(9), "evicted_keys": 0},
        },
    }


def _finding(rule: str, entry: str) -> dict[str, Any]:
    name, severity, _ = RULES[rule]
    return {
        "rule": rule,
        "name": name,
        "severity": severity,
        "message": f"what {rule} says of {entry}: maxmemory is '<0>'",
        "location": None,
        "directives": ["maxmemory"],
        "fingerprint": f"{rule}{entry}".encode().hex()[:32].ljust(32, "0"),
        "fix": "set maxmemory 4gb" if severity != "info" else None,
        "waiver": {"reason": "agreed", "owner": "ops", "until": "2027-01-01", "source": "file"}
        if rule == "RL711" and entry.endswith("0")
        else None,
        "remediation": None,
    }

"""The rules about running servers on what real servers answered in known states.

The table says for each state which of these rules it raises, and on which versions: judged
from what was done to the server, not from what the code says. Nothing else of them may be
raised. A few records are kept beside this test; all versions are in the measured data.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from redislint import catalog
from redislint.conf.document import parse
from redislint.conf.resolve import resolve
from redislint.facts import derive, expression_values
from redislint.facts.declared import declared_facts
from redislint.facts.workload import Workload
from redislint.model import Fact, OutcomeKind, Server, Target
from redislint.policy.engine import Engine
from redislint.policy.library import load_files
from tests.policy_rules.live_records import Recorded, read_shared

FILES = ("persistence.live", "memory.live", "operations", "latency", "persistence.host")
NOISE = {"RL703", "RL711", "RL712", "RL714", "RL811"}
"""Rules about settings, or that count the recorder's own refused commands."""

ALL, ERRORSTATS, STATUS = 0, 602, 700
"""Least compatible version: every one, those with errorstats, those that report a failing
fork of a rewrite."""

STATES: dict[str, dict[str, int]] = {
    "acl-users-overbroad": {},
    "after-restart": {},
    "allkeys-lru-evicting": {"RL308 warning": ALL},
    "aof-auto-rewrite-off-growth": {"RL218 warning": ALL},
    "aof-fresh-base-zero": {"RL219 info": ALL},
    "aof-fsync-failing": {
        "RL219 info": ALL,
        "RL220 error": ERRORSTATS,
        "RL249 error": ERRORSTATS,
        "RL812 error": ERRORSTATS,
    },
    "aof-off-stale-rewrite-err": {},
    "aof-rewrite-fail-fork": {"RL222 error": STATUS, "RL249 error": STATUS},
    "aof-rewrite-fork-storm": {
        "RL219 info": ALL,
        "RL222 error": STATUS,
        "RL224 error": STATUS,
        "RL249 error": STATUS,
    },
    "aof-rewrite-in-progress": {"RL005 info": ALL, "RL219 info": ALL},
    "aof-write-enospc": {
        "RL219 info": ALL,
        "RL220 error": ALL,
        "RL249 error": ALL,
        "RL812 error": ERRORSTATS,
    },
    "auditor-read-only": {"RL219 info": ALL},
    "bgsave-fail-no-save-points": {"RL226 warning": ALL},
    "bgsave-fail-stop-writes-yes": {
        "RL226 error": ALL,
        "RL249 error": ALL,
        "RL812 error": ERRORSTATS,
    },
    "bgsave-in-progress": {"RL005 info": ALL, "RL219 info": ALL},
    "cluster-alone": {"RL219 info": ALL},
    "config-renamed-away": {"RL002 info": ALL, "RL219 info": ALL},
    "drift-emergency-switches": {"RL219 info": ALL, "RL720 info": ALL},
    "healthy-aof-commands-only": {"RL720 info": ALL},
    "healthy-hybrid-everysec": {},
    "healthy-rdb-only": {},
    "latency-events": {},
    "many-clients": {"RL706 error": ALL},
    "min-replicas-unmet": {"RL813 error": ERRORSTATS},
    "no-config-file": {"RL802 warning": ALL},
    "no-persistence": {},
    "noeviction-oom": {"RL308 error": ALL, "RL309 warning": ERRORSTATS},
    "open-nopass": {},
    "primary-with-replica": {},
    "replica-healthy": {},
    "replica-stale-refused": {},
    "requirepass": {},
    "sentinel-three": {},
    "start-warnings": {},
}


@pytest.fixture(scope="module")
def recorded(root: Path, workloads: dict[str, Workload]) -> Recorded:
    names = [f"{stem}.yaml" for stem in FILES]
    rules = load_files([(name, (root / "policies" / name).read_bytes()) for name in names])
    return Recorded([rule for rule in rules if rule.id not in NOISE], workloads)


@pytest.fixture(scope="module")
def own_records(root: Path) -> list[dict[str, Any]]:
    """The records kept with the tests, one to a line."""
    path = root / "tests" / "policy_rules" / "data" / "states.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def expected(state: str, server: Server) -> set[str]:
    major, minor = server.version[:2]
    compat = 702 if server.engine == "valkey" else major * 100 + minor
    return {rule for rule, least in STATES[state].items() if compat >= least}


def check(recorded: Recorded, record: dict[str, Any]) -> None:
    found = recorded.evaluate(record)
    server = Server.parse(f"{record['engine']}-{record['version']}")
    raised = {f"{v.rule.id} {v.severity.value}" for v in found.violations}
    assert raised == expected(record["state"], server), (record["state"], str(server))
    assert found.errors == ()
    for violation in found.violations:
        assert "unknown" not in violation.message.replace("unknown command", "")
        assert "CANARY" not in violation.message


def test_kept_records(recorded: Recorded, own_records: list[dict[str, Any]]) -> None:
    assert len({record["state"] for record in own_records}) > 8
    for record in own_records:
        check(recorded, record)


@pytest.mark.parametrize("state", STATES)
def test_every_version_in_every_state(state: str, recorded: Recorded, shared: Path) -> None:
    records = read_shared(shared, state)
    assert records
    for record in records:
        check(recorded, record)


def test_no_measured_state_is_forgotten(shared: Path) -> None:
    folders = {path.name for path in (shared / "data" / "states").iterdir() if path.is_dir()}
    assert folders == set(STATES)


def test_a_status_of_an_aof_that_is_off_is_not_applicable(
    recorded: Recorded, own_records: list[dict[str, Any]]
) -> None:
    stale = [r for r in own_records if r["state"] == "aof-off-stale-rewrite-err"]
    assert stale
    for record in stale:
        assert record["info"]["aof_last_bgrewrite_status"] == "err"
        outcomes = {o.rule: o.kind for o in recorded.evaluate(record).outcomes}
        for rule in ("RL218", "RL219", "RL220", "RL222", "RL224", "RL225", "RL248"):
            assert outcomes[rule] is OutcomeKind.NOT_APPLICABLE, rule


def test_what_info_does_not_say_is_unknown(
    recorded: Recorded, own_records: list[dict[str, Any]]
) -> None:
    """Each field taken away turns rules to unknown, and never raises one."""
    record = next(r for r in own_records if r["state"] == "healthy-hybrid-everysec")
    for field in ("aof_last_write_status", "rdb_last_bgsave_status", "aof_base_size", "loading"):
        info = {name: value for name, value in record["info"].items() if name != field}
        found = recorded.evaluate({**record, "info": info})
        raised = {v.rule.id for v in found.violations}
        assert raised <= ({"RL004"} if field == "rdb_last_bgsave_status" else set())
        unknown = [o.rule for o in found.outcomes if o.kind is OutcomeKind.UNKNOWN]
        before = [
            o.rule for o in recorded.evaluate(record).outcomes if o.kind is OutcomeKind.UNKNOWN
        ]
        assert len(unknown) > len(before), field


def test_eviction_counts_by_what_the_data_is_for(
    recorded: Recorded, own_records: list[dict[str, Any]]
) -> None:
    for record in own_records:
        if record["state"] == "allkeys-lru-evicting":
            told = {v.rule.id for v in recorded.evaluate(record, {"workload": "queue"}).violations}
            assert "RL307" in told
            told = {v.rule.id for v in recorded.evaluate(record, {"workload": "cache"}).violations}
            assert "RL307" not in told


@pytest.mark.parametrize("server", catalog.SERVERS, ids=str)
def test_a_file_alone_is_not_asked_what_only_a_server_knows(
    server: Server, root: Path, workloads: dict[str, Workload]
) -> None:
    names = [f"{stem}.yaml" for stem in FILES]
    rules = load_files([(name, (root / "policies" / name).read_bytes()) for name in names])
    conf = resolve(parse("appendonly yes\nsave 60 1000\n", "redis.conf"), server)
    config = expression_values(conf.values())
    facts = {**declared_facts({}, workloads), **derive(config, conf.is_set, server)}
    facts |= {"config": Fact(config), "set": Fact(dict.fromkeys(config, False))}
    target = Target(id="x", kind="conf", uri="x", server=server, facts=facts)
    found = Engine(rules).evaluate(target)
    assert not [o for o in found.outcomes if o.kind in (OutcomeKind.UNKNOWN, OutcomeKind.ERROR)]
    raised = {v.rule.id for v in found.violations if "strict" not in v.rule.tags}
    assert raised <= {"RL711"}
    assert ("RL711" in raised) == (str(server) in ("redis-2.8", "redis-3.0"))

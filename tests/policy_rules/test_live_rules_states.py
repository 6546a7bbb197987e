"""The rules on what real servers answered in known states, through the real live source.

A stub replays the replies on a socket; `check` reads it as it reads any server. One record
of each state is kept beside this test, every version among them; all of them are in the
measured data beside the project.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from redislint.model import OutcomeKind, Server
from tests.policy_rules import recorded_security
from tests.policy_rules.conftest import Replay
from tests.policy_rules.recorded_states import (
    STATES,
    TABLE_CATEGORIES,
    WITH_RATES,
    compatible,
    expected,
)


def judge(replay: Replay, source: Path | str) -> Server:
    """Hold one record against the table, with one sample and, where recorded, with two."""
    text = source if isinstance(source, str) else source.read_text(encoding="utf-8")
    record = json.loads(text)
    state, server = record["state"], Server.parse(f"{record['engine']}-{record['version']}")
    for rates in (False, True) if record.get("second_sample") else (False,):
        report = replay(text, rates=rates)
        raised = {
            f"{finding.rule} {finding.severity.value}"
            for finding in report.findings
            if finding.rule.startswith(TABLE_CATEGORIES)
        }
        assert raised == expected(state, server, rates), (state, str(server), rates)
        assert report.errors == (), (state, str(server))
        blind = {
            outcome.rule
            for outcome in report.outcomes
            if outcome.rule.startswith("RL4") and outcome.kind is OutcomeKind.UNKNOWN
        }
        assert blind == recorded_security.unknown(state, server, compatible(server)), state
        said = repr(report)
        assert "CANARY" not in said
        for finding in report.findings:
            assert "unknown" not in finding.message.replace("unknown command", "")
    return server


@pytest.mark.parametrize("state", STATES)
def test_kept_records(state: str, replay: Replay, kept: dict[str, list[str]]) -> None:
    assert kept[state]
    for text in kept[state]:
        judge(replay, text)


def test_every_version_is_among_the_kept_records(kept: dict[str, list[str]]) -> None:
    from redislint import catalog

    records = [json.loads(text) for texts in kept.values() for text in texts]
    assert {f"{r['engine']}-{r['version']}" for r in records} == set(map(str, catalog.SERVERS))


@pytest.mark.parametrize("state", STATES)
def test_every_version_in_every_state(state: str, replay: Replay, shared: Path) -> None:
    files = sorted((shared / "data" / "states" / state).glob("*.json"))
    assert len(files) > 10
    for file in files:
        judge(replay, file)


def test_no_measured_state_is_forgotten(shared: Path) -> None:
    folders = {path.name for path in (shared / "data" / "states").iterdir() if path.is_dir()}
    assert folders == set(STATES)
    assert set(WITH_RATES) <= folders


def test_a_status_of_an_aof_that_is_off_is_not_applicable(
    replay: Replay, kept: dict[str, list[str]]
) -> None:
    for text in kept["aof-off-stale-rewrite-err"]:
        assert "aof_last_bgrewrite_status:err" in text
        kinds = {outcome.rule: outcome.kind for outcome in replay(text).outcomes}
        for rule in ("RL218", "RL219", "RL220", "RL222", "RL224", "RL225", "RL248"):
            assert kinds[rule] is OutcomeKind.NOT_APPLICABLE, rule


FIELDS = {
    "aof_last_write_status": "RL220",
    "aof_last_bgrewrite_status": "RL222",
    "rdb_last_bgsave_status": "RL226",
    "aof_base_size": "RL219",
    "loading": "RL008",
    "used_memory": "RL308",
}


@pytest.mark.parametrize("field", FIELDS)
def test_what_info_does_not_say_is_unknown(
    field: str, replay: Replay, kept: dict[str, list[str]]
) -> None:
    """A field taken away turns the rule about it to unknown, with how to supply it."""
    for text in kept["healthy-hybrid-everysec"]:
        record = json.loads(text)
        for name, reply in record["replies"].items():
            if name.startswith("INFO"):
                lines = [line for line in reply.split("\n") if not line.startswith(f"{field}:")]
                record["replies"][name] = "\n".join(lines)
        report = replay(json.dumps(record))
        before = {finding.rule for finding in replay(text).findings}
        assert {finding.rule for finding in report.findings} <= before | {"RL004"}
        outcomes = {outcome.rule: outcome for outcome in report.outcomes}
        assert outcomes[FIELDS[field]].kind is OutcomeKind.UNKNOWN
        assert outcomes[FIELDS[field]].missing


def test_eviction_counts_by_what_the_data_is_for(
    replay: Replay, kept: dict[str, list[str]]
) -> None:
    for text in kept["allkeys-lru-evicting"]:
        queue = {finding.rule for finding in replay(text, workload="queue").findings}
        cache = {finding.rule for finding in replay(text, workload="cache").findings}
        assert {"RL305", "RL307"} <= queue
        assert not {"RL305", "RL307"} & cache

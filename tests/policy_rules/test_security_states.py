"""Who and what the security rules name in recorded states, and that no password is in it."""

from __future__ import annotations

import json
import re

import pytest

from redislint.audit.report import Report
from redislint.model import OutcomeKind
from tests.policy_rules import recorded_security, recorded_states
from tests.policy_rules.conftest import Replay

HASH = re.compile(r"[0-9a-f]{64}")

Kept = dict[str, list[str]]


def messages(report: Report, rule: str) -> list[str]:
    """What the findings of a rule say."""
    return [finding.message for finding in report.findings if finding.rule == rule]


def test_the_tables_speak_of_states_that_exist() -> None:
    assert set(recorded_security.STATES) <= set(recorded_states.STATES)
    assert set(recorded_security.UNKNOWN) <= set(recorded_states.STATES)


def test_of_many_users_the_right_ones_are_named(replay: Replay, kept: Kept) -> None:
    """`old` is off, `admin` is one by its name, and KEYS is in +@read. From 7.0 on `worker`
    may load functions: FUNCTION LOAD is in +@write."""
    for text in kept["acl-users-overbroad"]:
        report = replay(text)
        (nopass,) = messages(report, "RL408")
        assert nopass == "user 'ci' needs no password, and any password is right for it"
        assert sorted(messages(report, "RL409")) == [
            "user 'app' may run every command",
            "user 'ci' may run keys",
        ]
        old = json.loads(text)["version"] in ("6.0", "6.2")
        (scripts,) = messages(report, "RL426")
        names = "admin, app" if old else "admin, app, worker"
        assert scripts.startswith(f"{names} may run scripts on ")


def test_the_auditors_own_user_is_no_finding(replay: Replay, kept: Kept) -> None:
    for text in kept["auditor-read-only"]:
        report = replay(text)
        assert [f for f in report.findings if "auditor" in f.message] == []
        kinds = {outcome.rule: outcome.kind for outcome in report.outcomes}
        assert kinds["RL408"] is kinds["RL409"] is OutcomeKind.PASS
        assert kinds["RL407"] is OutcomeKind.PASS


def test_an_open_server_is_said_to_be_open_once(replay: Replay, kept: Kept) -> None:
    """Not as one without authentication as well (RL405)."""
    for text in kept["open-nopass"]:
        report = replay(text)
        (said,) = messages(report, "RL401")
        assert "0.0.0.0" in said
        assert "protected mode is off" in said
        assert messages(report, "RL405") == []


def test_protected_mode_of_the_version_decides(replay: Replay, kept: Kept) -> None:
    """The same record with a private address bound and protected mode on."""
    for text in kept["open-nopass"]:
        record = json.loads(text)
        record["replies"]["CONFIG GET *"].update({"bind": "10.0.0.5", "protected-mode": "yes"})
        assert messages(replay(json.dumps(record)), "RL401") == []
        record["version"], record["release"] = "6.2", "6.2.16"
        info = record["replies"]["INFO everything"]
        record["replies"]["INFO everything"] = re.sub(
            r"redis_version:\S+", "redis_version:6.2.16", info
        )
        (said,) = messages(replay(json.dumps(record)), "RL401")
        assert "a bind line switches protected mode off" in said


def test_without_config_nothing_about_exposure_passes(replay: Replay, kept: Kept) -> None:
    for text in kept["config-renamed-away"]:
        for outcome in replay(text).outcomes:
            if outcome.rule in recorded_security.UNKNOWN["config-renamed-away"]:
                assert outcome.kind is not OutcomeKind.PASS, outcome.rule
            if outcome.rule == "RL401":
                assert outcome.missing == ("exposure.level",)


@pytest.mark.parametrize("state", ["acl-users-overbroad", "auditor-read-only", "requirepass"])
def test_no_password_and_no_hash_gets_out(state: str, replay: Replay, kept: Kept) -> None:
    for text in kept[state]:
        assert "CANARY" in text
        assert HASH.search(text)
        said = repr(replay(text))
        assert "CANARY" not in said
        assert HASH.search(said) is None


def test_a_sample_password_is_found_by_its_hash(replay: Replay, kept: Kept) -> None:
    from hashlib import sha256

    sample = sha256(b"foobared").hexdigest()
    for text in kept["acl-users-overbroad"]:
        changed = text.replace(next(iter(HASH.findall(text))), sample)
        report = replay(changed)
        (said,) = messages(report, "RL406")
        assert "foobared" not in repr(report)
        assert sample not in repr(report)
        assert said.startswith("easy to guess: the password of user ")

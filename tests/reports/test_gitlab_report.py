"""GitLab Code Quality: the members it needs, unique fingerprints, nothing unread green."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given

from redislint.model import AuditError, Report, Severity, Waiver
from redislint.reports import Options, renderer
from tests.reports.report_samples import CONF, LIVE, REPORTS, finding, report


def entries(made: Report) -> Any:
    return json.loads(renderer("gitlab")(made, Options()))


def test_an_entry() -> None:
    made = report(finding(severity=Severity.WARNING, versions=("redis-7.2",)))
    assert entries(made) == [
        {
            "description": "RL105: message of RL105 (redis 7.2)",
            "check_name": "RL105",
            "fingerprint": f"{2:032x}",
            "severity": "major",
            "location": {"path": CONF, "lines": {"begin": 2}},
        }
    ]


def test_severities() -> None:
    found = [finding(severity=severity) for severity in Severity]
    made = report(finding(fatal=True), *found)
    told = [entry["severity"] for entry in entries(made)]
    assert told == ["blocker", "critical", "major", "info"]


def test_clean_waived_and_known_are_an_empty_array() -> None:
    silent = finding(waiver=Waiver("why")), finding(baseline="known")
    assert renderer("gitlab")(report(), Options()) == "[]\n"
    assert entries(report(*silent)) == []


def test_what_was_not_read_is_an_entry() -> None:
    (entry,) = entries(report(errors=(AuditError(f"{CONF}:5:3", "pragma", "unknown key"),)))
    assert entry["severity"] == "blocker"
    assert entry["location"] == {"path": CONF, "lines": {"begin": 5}}


def test_a_server_has_a_path_without_credentials() -> None:
    (entry,) = entries(report(finding(span=None, target=LIVE.id), targets=(LIVE,)))
    assert entry["location"]["path"] == "redislint/targets/redis/cache.example/6379.conf"


@given(REPORTS)
def test_any_report(made: Report) -> None:
    text = renderer("gitlab")(made, Options())
    assert text.isascii()
    found = json.loads(text)
    prints = [entry["fingerprint"] for entry in found]
    assert len(set(prints)) == len(prints)
    for entry in found:
        assert entry["description"].strip()
        assert entry["location"]["lines"]["begin"] >= 1
        assert entry["severity"] in ("info", "minor", "major", "critical", "blocker")

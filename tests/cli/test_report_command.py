"""`redislint report`: what was saved looks as it did, and what is broken is said in one line."""

from __future__ import annotations

import io
import json
import random
import re
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from redislint.fleet.journal import Head, Journal
from redislint.fleet.model import FleetReport
from redislint.fleet.reports import FORMATS as FLEET_FORMATS
from redislint.fleet.reports import Options as FleetOptions
from redislint.fleet.reports import writer
from redislint.fleet.saved import SavedError, open_saved
from redislint.model import Report
from redislint.reports import FORMATS, Options, renderer
from tests.fleet.past import report_with_past
from tests.fleet.samples import RUN, report
from tests.reports.report_samples import everything
from tests.reports.sarif_checks import problems

Run = Callable[..., Any]

EXACT = ("text", "concise", "json", "jsonl", "github", "gitlab", "markdown")
"""Formats of a check for which the JSON report has all that they need."""

CONF = b"""# redislint: engine=redis version=7.2
appendonly no
requirepass foobared
maxmemry 4gb
save 900 1
save ""
"""


@pytest.fixture
def saved_check(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "redis.conf").write_bytes(CONF)
    path = tmp_path / "report.json"
    path.write_text(run("check", "redis.conf", "--format", "json").out, encoding="utf-8")
    return path


def fleet_text(name: str, told: FleetReport, options: FleetOptions | None = None) -> str:
    out = io.StringIO(newline="")
    writer(name)(told, out, options or FleetOptions())
    return out.getvalue()


def everything_held() -> Report:
    """A report with all that there is, as an audit would make it: every target has versions."""
    whole = everything()
    targets = tuple(one._replace(held=one.held or (one.server,)) for one in whole.targets)
    return replace(whole, targets=targets)


def saved_fleet(folder: Path, told: FleetReport, kind: str = "json") -> Path:
    path = folder / f"fleet.{kind}"
    path.write_text(fleet_text(kind, told), encoding="utf-8")
    return path


# A check


@pytest.mark.parametrize("name", EXACT)
def test_a_saved_check_looks_as_it_did(run: Run, saved_check: Path, name: str) -> None:
    direct = run("check", "redis.conf", "--format", name)
    again = run("report", saved_check, "--format", name)
    assert direct.out
    assert again == (type(again))(0, direct.out, "")
    with_unknown = run("check", "redis.conf", "--format", name, "--show", "unknown,waived")
    shown = run("report", saved_check, "--format", name, "--show", "unknown,waived")
    assert shown.out == with_unknown.out


def test_text_is_the_default(run: Run, saved_check: Path) -> None:
    assert run("report", saved_check).out == run("check", "redis.conf").out
    assert run("report", "-", stdin=saved_check.read_bytes()).out == run("report", saved_check).out


@pytest.mark.parametrize("name", EXACT)
def test_everything_that_a_report_can_hold_comes_back(run: Run, tmp_path: Path, name: str) -> None:
    options = Options(show=frozenset({"waived"}))
    whole = everything_held()
    path = tmp_path / "report.json"
    path.write_text(renderer("json")(whole, options), encoding="utf-8")
    direct = renderer(name)(whole, options).encode("utf-8", "backslashreplace").decode()
    assert run("report", path, "--format", name, "--show", "waived").out == direct


def test_sarif_of_a_saved_check_is_sound(run: Run, saved_check: Path) -> None:
    again = json.loads(run("report", saved_check, "--format", "sarif").out)
    direct = json.loads(run("check", "redis.conf", "--format", "sarif").out)
    assert problems(again) == []
    for key in ("ruleId", "level", "message"):
        assert [result[key] for result in again["runs"][0]["results"]] == [
            result[key] for result in direct["runs"][0]["results"]
        ]
    coverage = [log["runs"][0]["properties"]["coverage"] for log in (again, direct)]
    assert coverage[0] == coverage[1]


def test_junit_of_a_saved_check_has_no_cases_for_what_is_only_counted(
    run: Run, saved_check: Path
) -> None:
    suite = ElementTree.fromstring(run("report", saved_check, "--format", "junit").out)[0]
    direct = ElementTree.fromstring(run("check", "redis.conf", "--format", "junit").out)[0]
    assert suite.get("failures") == direct.get("failures")
    assert "" not in {case.get("name") for case in suite}
    assert len(suite) < len(direct)


def test_a_rule_that_failed_is_not_forgotten(run: Run, saved_check: Path) -> None:
    document = json.loads(saved_check.read_text())
    document["targets"][0]["outcomes"]["error"] = 1
    saved_check.write_text(json.dumps(document))
    log = json.loads(run("report", saved_check, "--format", "sarif").out)
    assert log["runs"][0]["invocations"][0]["executionSuccessful"] is False
    assert problems(log) == []
    suite = ElementTree.fromstring(run("report", saved_check, "--format", "junit").out)[0]
    assert suite.get("errors") == "1"


def test_members_that_a_newer_version_added_do_no_harm(run: Run, saved_check: Path) -> None:
    before = run("report", saved_check, "--format", "sarif").out
    document = json.loads(saved_check.read_text())
    document["added"] = 1
    for finding in document["findings"]:
        finding["added"] = {"x": 1}
        if finding["location"]:
            finding["location"]["added"] = 1
    saved_check.write_text(json.dumps(document))
    assert run("report", saved_check, "--format", "sarif").out == before


# A fleet


@pytest.mark.parametrize("name", sorted(FLEET_FORMATS))
@pytest.mark.parametrize("kind", ["json", "jsonl"])
@pytest.mark.parametrize("past", [False, True], ids=["first", "later"])
def test_a_saved_fleet_looks_as_it_did(
    run: Run, tmp_path: Path, name: str, kind: str, past: bool
) -> None:
    told = report_with_past(30) if past else report(30)._replace(complete=False)
    path = saved_fleet(tmp_path, told, kind)
    options = FleetOptions(by=("team",), show=frozenset({"waived"}))
    outcome = run("report", path, "--format", name, "--by", "team", "--show", "waived", "-q")
    assert outcome.code == 0
    assert outcome.out == fleet_text(name, told, options)
    assert outcome.err == ""


def test_a_reformatted_document_is_read(run: Run, tmp_path: Path) -> None:
    told = report_with_past(10)
    path = saved_fleet(tmp_path, told)
    for indent in (None, 4):
        text = json.dumps(json.loads(path.read_text()), indent=indent, sort_keys=True)
        path.write_text(text)
        assert run("report", path, "--format", "csv").out == fleet_text("csv", told)


def test_a_journal_is_read_while_its_run_has_not_ended(run: Run, tmp_path: Path) -> None:
    told = report(20)
    path = tmp_path / "run.jsonl"
    head = Head(RUN.id, RUN.started, "0" * 32, RUN.name, RUN.inventory, RUN.version)
    with Journal.create(str(path), head) as journal:
        for record in told.records:
            journal.write(record.entry, [record])
    with path.open("ab") as file:
        file.write(b'{"entry": "cut-off", "rec')
    outcome = run("report", path, "--format", "csv")
    assert outcome.out == fleet_text("csv", told)
    assert "did not end" in outcome.err
    summary = json.loads(run("report", path, "--format", "json").out)["summary"]
    assert summary["complete"] is False
    rules = json.loads(run("report", path, "--format", "json").out)["rules"]
    assert rules["RL203"]["summary"]


def test_files_are_written_at_once_and_privately(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = saved_fleet(tmp_path, report(9))
    run("report", path, "--output", "csv=f.csv", "--output", "prometheus=r.prom", "--by", "team")
    expected = fleet_text("prometheus", report(9), FleetOptions(by=("team",)))
    assert (tmp_path / "r.prom").read_text() == expected
    assert (tmp_path / "f.csv").read_bytes().decode() == fleet_text("csv", report(9))
    modes = {name: stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("f.csv", "r.prom")}
    assert modes["f.csv"] == 0o600
    assert modes["r.prom"] & 0o444 == 0o444
    assert {one.name for one in tmp_path.iterdir()} == {"fleet.json", "f.csv", "r.prom"}


# What cannot be rendered


def _whole(kind: str) -> str:
    return fleet_text(kind, report_with_past(3))


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("", 2, "is no saved report"),
        ("hello", 2, "is no saved report"),
        ("[1, 2]", 2, "is no saved report"),
        ("{}", 2, "is no saved report"),
        ('{"schema": "other"}', 2, "is no saved report"),
        ('{"schema": 7}', 2, "is no saved report"),
        ("\xff", 2, "is no saved report"),
        ('{"schema": "redislint-report-2"}', 2, "newer redislint"),
        ('{"schema": "redislint-fleet-12"}', 2, "newer redislint"),
        ('{"schema": "redislint-fleet-2", "part": "head"}\n{}\n', 2, "newer redislint"),
        ('{"type": "run", "schema": "redislint-report-1"}\n{}\n', 2, "--format json"),
        ('{"schema": "redislint-report-1"}', 3, "'tool' is missing"),
        ('{"schema": "redislint-fleet-1"}', 3, "'records' is missing"),
        ('{"schema": "redislint-report-1",\n "tool": {', 3, ":2:11: is cut"),
        ('{"schema": "redislint-report-1"} x', 3, ":1:34: is damaged"),
        ('{"a": ' * 100_000, 3, "nested too deeply"),
        (_whole("json")[:-9], 3, "is cut"),
        (_whole("jsonl")[:-9], 3, "is cut"),
        (_whole("jsonl").rpartition('{"schema": "redislint-fleet-1"')[0], 3, "is cut"),
        (_whole("jsonl") + "{}\n", 3, "after the last line"),
        (_whole("jsonl").replace('"error"', '"horror"'), 3, "expected one of error, warning"),
        (_whole("json").replace('s": "audited"', 's": "x"'), 3, "records[0]: status: expected one"),
    ],
)
def test_what_is_broken_is_said_in_one_line(
    run: Run, tmp_path: Path, text: str, code: int, says: str
) -> None:
    path = tmp_path / "saved"
    path.write_bytes(text.encode("latin-1"))
    outcome = run("report", path, "--format", "json", "--output", f"sarif={tmp_path}/s.json")
    assert outcome.code == code, outcome.err
    assert outcome.err.count("\n") == 1
    assert says in outcome.err
    assert not (tmp_path / "s.json").exists()


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["no-such.json"], 3, "no-such.json: no such file"),
        (["fleet.json", "--format", "junit"], 2, "no 'junit' of such a report"),
        (["fleet.json", "--format", "jsno"], 2, "did you mean 'json'?"),
        (["fleet.json", "--output", "github=x"], 2, "no format 'github'"),
        (["fleet.json", "--by", "a-b,a.b"], 2, "would both be the label"),
        (["fleet.json", "--show", "pass"], 2, "expected one of unknown, waived"),
        (["report.json", "--by", "team"], 2, "fleets only"),
        (["report.json", "--format", "csv"], 2, "no 'csv' of such a report"),
    ],
)
def test_wrong_usage(run: Run, saved_check: Path, args: list[str], code: int, says: str) -> None:
    saved_fleet(saved_check.parent, report(3))
    outcome = run("report", *args)
    assert (outcome.code, outcome.out) == (code, "")
    assert says in outcome.err
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize("kind", ["json", "jsonl", "check"])
def test_any_value_may_be_wrong(kind: str, run: Run, tmp_path: Path) -> None:
    """A few hundred documents with one part replaced: each is rendered or refused in a line."""
    made = random.Random(7)
    whole = renderer("json")(everything_held(), Options()) if kind == "check" else _whole(kind)
    places = [match.span() for match in re.finditer(r'"[^"\\]*"|-?\d+(\.\d+)?|null|true', whole)]
    refused = 0
    for start, end in made.sample(places, 150):
        value = made.choice(("null", "-1", "1e400", '"x"', "[]", "{}", "true", '"\\ud800"', "["))
        path = tmp_path / "saved"
        path.write_text(whole[:start] + value + whole[end:], encoding="utf-8")
        formats = FORMATS if kind == "check" else FLEET_FORMATS
        outcome = run("report", path, "--format", made.choice(sorted(formats)), "--quiet")
        assert outcome.code in (0, 2, 3), outcome.err
        assert "internal error" not in outcome.err, (outcome.err, whole[start - 40 : end + 9])
        refused += outcome.code != 0
    assert refused > 50


def test_a_document_may_be_cut_anywhere() -> None:
    data = _whole("json").rstrip().encode()
    for size in range(0, len(data), 97):
        with pytest.raises(SavedError):
            open_saved(io.BytesIO(data[:size]), "cut")

"""What each format of a fleet report promises for itself."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from redislint.fleet.model import FleetReport, Record, Since, State
from redislint.fleet.reports import Options
from redislint.fleet.reports.cells import cell
from redislint.fleet.reports.csv import HEADER
from redislint.fleet.reports.prometheus import labels
from redislint.fleet.reports.targets_csv import HEADER as TARGETS_HEADER
from tests.fleet.exposition import Samples, parse
from tests.fleet.past import BEFORE, report_with_past
from tests.fleet.samples import RUN, Records, report
from tests.fleet.test_fleet_reports import HOSTILE, hostile, written
from tests.reports.sarif_checks import problems

WAIVED = Options(show=frozenset({"waived"}))


def findings(told: FleetReport, waived: bool = False) -> list[dict[str, Any]]:
    return [
        finding
        for record in told.records
        for finding in record.data["findings"]
        if waived or not finding["waiver"]
    ]


def many_findings(number: int, kind: str = "live") -> FleetReport:
    """One target with that many findings, every third an error."""
    data: dict[str, Any] = json.loads(json.dumps(next(iter(Records(1))).data))
    base = data["findings"][0]
    data["kind"] = kind
    data["findings"] = [
        {
            **base,
            "rule": f"RL{n % 9}",
            "severity": "warning" if n % 3 else "error",
            "fingerprint": f"{n:032x}",
            "message": f"{HOSTILE[1]} {n}" * 20,
        }
        for n in range(number)
    ]
    return FleetReport(RUN, [Record.of(data)], complete=True)


# Markdown and Slack


def test_markdown_fits_into_a_comment_whatever_it_is_about() -> None:
    text = written("markdown", hostile(400))
    assert len(text) < 65_536
    assert "and " in text
    assert " more row" in text
    prose = re.sub(r"(?<![`\\])(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
    prose = re.sub(r"\\.", "", prose)
    for active in ("@everyone", "<!channel>", "<img", "https://evil"):
        assert active not in prose
    assert "The run was interrupted" in text


def test_slack_fits_into_a_message_and_mentions_nobody() -> None:
    text = written("slack", hostile(400))
    assert len(text) < 3000
    assert "<" not in text
    prose = re.sub("`[^`\n]*`", "", text)
    for active in ("https://", "@everyone", "`"):
        assert active not in prose
    assert len(written("slack", report_with_past(3000))) < 3000


def test_what_is_new_and_fixed_comes_first() -> None:
    for name in ("markdown", "slack"):
        text = written(name, report_with_past(40))
        order = [text.index(title) for title in ("New", "Fixed", "Worst targets", "Not reached")]
        assert order == sorted(order)
        assert written(name, report(0)).startswith(("### Fleet", "*Fleet*"))


# CSV


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("  =1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\uff1d1", "'\uff1d1"),
        ("\t=1", "\\t=1"),
        ("\r\n=1", "\\r\\n=1"),
        ("a=1", "a=1"),
        (None, ""),
        (-1.5, -1.5),
        (0, 0),
        ({"b": "2", "a": "1"}, "a=1;b=2"),
        (["x", "y"], "x y"),
    ],
)
def test_cells(value: Any, expected: Any) -> None:
    assert cell(value) == expected


@pytest.mark.parametrize("told", [report(0), report_with_past(60), hostile(30)])
def test_csv_has_a_row_for_each_finding_and_target(told: FleetReport) -> None:
    rows = list(csv.reader(io.StringIO(written("csv", told), newline=""), strict=True))
    assert tuple(rows[0]) == HEADER
    assert len(rows) - 1 == len(findings(told, waived=True))
    targets = list(csv.reader(io.StringIO(written("targets-csv", told), newline=""), strict=True))
    assert tuple(targets[0]) == TARGETS_HEADER
    assert len(targets) - 1 == len(list(told.records))
    for table in (rows, targets):
        assert {len(row) for row in table} == {len(table[0])}
        assert not [one for row in table for one in row if one.startswith(tuple("=+-@\t\r"))]


def test_csv_ends_its_lines_as_rfc_4180_says() -> None:
    text = written("csv", report(9))
    assert text.count("\r\n") == text.count("\n") == 1 + len(findings(report(9), waived=True))


# SARIF


@pytest.mark.parametrize("options", [Options(exit_code=3), WAIVED], ids=["open", "waived"])
@pytest.mark.parametrize(
    "told",
    [report(0), report(60), report_with_past(60), hostile(30), many_findings(6000)],
    ids=["empty", "first", "later", "hostile", "many"],
)
def test_sarif_is_as_the_standard_and_github_want_it(
    told: FleetReport, options: Options, shared_schema: Draft4Validator | None
) -> None:
    text = written("sarif", told, options)
    log = json.loads(text)
    assert problems(log) == []
    if shared_schema is not None:
        assert [error.message for error in shared_schema.iter_errors(log)] == []
    assert len(gzip.compress(text.encode(), 6)) < 10_000_000


@pytest.fixture
def shared_schema() -> Draft4Validator | None:
    """The official schema, where the folder of measured data stands beside the project."""
    path = Path(__file__).parents[3] / "shared/data/sarif-schema-2.1.0.json"
    if not path.exists():
        return None
    return Draft4Validator(json.loads(path.read_text(encoding="utf-8")))


def test_sarif_has_a_run_for_each_class() -> None:
    records = []
    for kind, record in zip(("file", "live", "cloud", "live"), Records(4), strict=True):
        uri = "conf/redis one.conf" if kind == "file" else record.data["uri"]
        records.append(Record.of({**record.data, "kind": kind, "uri": uri}))
    log = json.loads(written("sarif", FleetReport(RUN, records, complete=True)))
    ids = [run["automationDetails"]["id"] for run in log["runs"]]
    assert ids == [f"redislint/fleet-inventory/{name}/" for name in ("cloud", "files", "live")]
    uris = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in log["runs"][1]["results"]
    }
    assert uris == {"conf/redis%20one.conf"}
    place = log["runs"][2]["results"][0]["locations"][0]
    assert place["physicalLocation"]["artifactLocation"]["uri"].startswith("redislint/targets/")
    assert place["logicalLocations"][0]["fullyQualifiedName"].startswith("redis://10.0.0.")


def test_sarif_says_what_it_leaves_out_and_keeps_the_worst() -> None:
    run = json.loads(written("sarif", many_findings(6001)))["runs"][0]
    levels = Counter(result["level"] for result in run["results"])
    assert levels == {"error": 2001, "warning": 2999}
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert [n["message"]["text"] for n in notes if n["descriptor"]["id"] == "left-out"] == [
        "1001 more findings are left out, none worse than those in this file."
    ]


def test_sarif_prefers_what_is_new_among_the_equally_bad() -> None:
    bare = many_findings(6001)
    record = next(iter(bare.records))
    old = Since(BEFORE.started, BEFORE.started, 2, State.PERSISTENT)
    new = Since(RUN.started, RUN.started, 1, State.NEW)
    since = {
        (record.target, finding["fingerprint"]): new if number >= 5000 else old
        for number, finding in enumerate(record.data["findings"])
    }
    run = json.loads(written("sarif", bare._replace(since=since, previous=BEFORE)))["runs"][0]
    states = Counter(result["baselineState"] for result in run["results"])
    assert states["new"] == 1001


def test_sarif_suppresses_what_is_waived() -> None:
    told = report(200)
    waived = [finding for finding in findings(told, waived=True) if finding["waiver"]]
    assert waived
    with_them = json.loads(written("sarif", told, WAIVED))["runs"][0]["results"]
    suppressed = [result for result in with_them if result["suppressions"]]
    assert len(suppressed) == len(waived)
    assert suppressed[0]["suppressions"][0]["justification"] == "agreed"
    without = json.loads(written("sarif", told))["runs"][0]["results"]
    assert len(without) == len(with_them) - len(waived)


def test_sarif_is_complete_only_when_everything_was_read() -> None:
    records = [one for one in Records(60) if one.status == "audited"]
    whole = FleetReport(RUN, records, complete=True)
    for told, complete in ((whole, True), (whole._replace(complete=False), False)):
        invocation = json.loads(written("sarif", told))["runs"][0]["invocations"][0]
        assert invocation["executionSuccessful"] is complete
    invocation = json.loads(written("sarif", report(60)))["runs"][0]["invocations"][0]
    assert invocation["executionSuccessful"] is False


def test_sarif_is_the_same_whatever_order_targets_finished_in() -> None:
    records = list(Records(50))
    there = written("sarif", FleetReport(RUN, records, complete=True))
    back = written("sarif", FleetReport(RUN, records[::-1], complete=True))
    assert there == back


# Prometheus


def series(samples: Samples, name: str, **wanted: str) -> dict[tuple[tuple[str, str], ...], float]:
    return {
        own: value
        for (metric, own), value in samples.items()
        if metric == name and wanted.items() <= dict(own).items()
    }


@pytest.mark.parametrize("by", [(), ("environment", "team"), ("entry", "target", "kind", "role")])
@pytest.mark.parametrize("told", [report(0), report_with_past(60), hostile(30)])
def test_prometheus_is_read_back(told: FleetReport, by: tuple[str, ...]) -> None:
    samples = parse(written("prometheus", told, Options(by=by)))
    found = series(samples, "redislint_findings")
    assert sum(found.values()) == len(findings(told))
    assert sum(series(samples, "redislint_open_findings").values()) == len(findings(told))
    assert sum(series(samples, "redislint_targets").values()) == len(list(told.records))
    assert series(samples, "redislint_target_duration_seconds_count").popitem()[1] == len(
        list(told.records)
    )


def test_prometheus_tells_teams_apart() -> None:
    told = report(90)
    samples = parse(written("prometheus", told, Options(by=("team",))))
    expected = Counter(record.data["tags"].get("team", "") for record in told.records)
    for team, number in expected.items():
        assert sum(series(samples, "redislint_targets", team=team).values()) == number
    assert "mobile <b>&\"'" in expected


def test_prometheus_knows_the_last_success() -> None:
    def success(told: FleetReport) -> float | None:
        found = series(
            parse(written("prometheus", told)), "redislint_last_success_timestamp_seconds"
        )
        return found.popitem()[1] if found else None

    told = report_with_past(3)
    assert success(told) == 1795836100
    assert success(told._replace(complete=False)) == 1795836100 - 86400 + 30
    assert success(told._replace(complete=False, previous=None)) is None
    interrupted = parse(written("prometheus", told._replace(complete=False)))
    assert series(interrupted, "redislint_run_complete").popitem()[1] == 0


def test_prometheus_says_new_and_fixed_only_after_a_first_run() -> None:
    assert not series(parse(written("prometheus", report(30))), "redislint_new_findings")
    samples = parse(written("prometheus", report_with_past(30)))
    assert sum(series(samples, "redislint_fixed_findings").values()) == 3
    assert sum(series(samples, "redislint_new_findings").values()) > 0


def test_prometheus_histogram_is_cumulative() -> None:
    samples = parse(written("prometheus", report(200)))
    buckets = series(samples, "redislint_target_duration_seconds_bucket")
    values = [n for _, n in sorted((float(dict(own)["le"]), n) for own, n in buckets.items())]
    assert values == sorted(values)
    assert values[-1] == 200
    total = series(samples, "redislint_target_duration_seconds_sum").popitem()[1]
    assert total == pytest.approx(sum(one.data["seconds"] for one in report(200).records))


def test_labels() -> None:
    assert labels(("environment", "cost-center", "rule", "1st")) == (
        "environment",
        "cost_center",
        "tag_rule",
        "tag_1st",
    )
    with pytest.raises(ValueError, match=r"'a-b' and 'a.b' would both be the label 'a_b'"):
        labels(("a-b", "a.b"))

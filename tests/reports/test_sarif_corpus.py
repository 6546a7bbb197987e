"""SARIF of real files: valid, exact in its places and fixes, steady in its fingerprints."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import redislint
from redislint.model import Edit, Fix, FixSafety
from redislint.reports import Options, renderer
from redislint.reports.sarif_linehash import line_hashes
from tests.reports.report_samples import CONF as CONF_PATH
from tests.reports.report_samples import finding, report
from tests.reports.sarif_checks import problems

CONF = """\
port 7000
timeout 0
appendonly true
save 900 1  # not a comment
maxmemory 64m
timeout 300
"""


def log_of(target: Path, **options: Any) -> Any:
    made = redislint.check([str(target)], **options)
    return json.loads(renderer("sarif")(made, Options(show=frozenset({"waived"}))))


def results(target: Path) -> list[Any]:
    found: list[Any] = log_of(target, server="redis-7.2")["runs"][0]["results"]
    return found


def test_every_file_of_the_corpus(shared: Path) -> None:
    schema = json.loads((shared / "data" / "sarif-schema-2.1.0.json").read_text())
    validator = jsonschema.Draft4Validator(schema)
    files = sorted(p for p in (shared / "corpus" / "redis-conf").iterdir() if p.is_file())
    assert files
    rules: dict[str, Any] = {}
    for number, file in enumerate(files):
        made = redislint.check([str(file)], server="redis-7.2")
        if number % 8:  # Hiding secrets in a whole text takes longer than all else here.
            made = replace(made, texts={})
        log = json.loads(renderer("sarif")(made, Options()))
        assert problems(log) == [], file.name
        run = log["runs"][0]
        # A rule is the same in every file: it is held against the schema once.
        for rule in run["tool"]["driver"]["rules"]:
            rules[rule["id"]] = rule
        run["tool"]["driver"]["rules"] = []
        assert [e.message for e in validator.iter_errors(log)] == [], file.name
    log["runs"][0]["tool"]["driver"]["rules"] = list(rules.values())
    assert [e.message for e in validator.iter_errors(log)] == []


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    path = tmp_path / "redis.conf"
    path.write_text(CONF)
    return path


def fingerprints(found: list[Any]) -> dict[str, str]:
    return {r["partialFingerprints"]["redislint/v1"]: r["ruleId"] for r in found}


@pytest.mark.parametrize(
    "edited",
    [
        f"# a comment\n\n{CONF}",
        CONF.replace("port 7000\n", "port 7001\n\n\n"),
        CONF.replace("\n", "\r\n"),
        CONF.replace("appendonly true", "appendonly  on"),
        CONF + "# the end",
    ],
)
def test_fingerprints_survive_edits(conf: Path, edited: str) -> None:
    before = fingerprints(results(conf))
    assert len(before) >= 4
    conf.write_text(edited, newline="")
    assert fingerprints(results(conf)) == before


def test_lines_inserted_above_keep_the_hash_that_github_reads(conf: Path) -> None:
    def hashes() -> list[str]:
        return [r["partialFingerprints"]["primaryLocationLineHash"] for r in results(conf)]

    before = hashes()
    assert set(before) <= set(line_hashes(CONF))
    conf.write_text(f"# a comment\n\n{CONF}")
    assert hashes() == before


def test_a_password_is_no_part_of_any_hash(conf: Path) -> None:
    conf.write_text(f"{CONF}requirepass canary-one\n")
    before = renderer("sarif")(redislint.check([str(conf)], server="redis-7.2"), Options())
    conf.write_text(f"{CONF}requirepass canary-two\n")
    after = renderer("sarif")(redislint.check([str(conf)], server="redis-7.2"), Options())
    assert before == after


def test_fixes_by_column_are_fixes_by_byte() -> None:
    text = "# 数据 é\n'appendonly' 是 x é\r\nmaxmemory 64m y 数\nport  07000"
    data = text.encode() + b"\n# \xff\nslave-priority \xff\xe6 5 \xff"
    document = redislint.parse(data, CONF_PATH)
    words = [word for line in document.directives for word in line.words or ()]
    edits = [
        Edit(CONF_PATH, w.start, w.end, b"new", document.span(w.start, w.end)) for w in words
    ] + [Edit(CONF_PATH, len(data), len(data), b"\n", document.span(len(data), len(data)))]
    findings = [finding(fix=Fix("mend", FixSafety.SAFE, (edit,))) for edit in edits]
    log = json.loads(renderer("sarif")(report(*findings), Options()))
    told = [result["fixes"][0] for result in log["runs"][0]["results"]]
    assert len(told) == len(edits) > 10
    for fix, edit in zip(told, edits, strict=True):
        replacement = fix["artifactChanges"][0]["replacements"][0]
        assert applied(data, replacement) == (
            data[: edit.start] + edit.replacement + data[edit.end :]
        )


def applied(data: bytes, replacement: Any) -> bytes:
    lines = re.split("(?<=\n)", data.decode("utf-8", "surrogateescape"))
    region = replacement["deletedRegion"]
    start = sum(map(len, lines[: region["startLine"] - 1])) + region["startColumn"] - 1
    end = sum(map(len, lines[: region["endLine"] - 1])) + region["endColumn"] - 1
    text = "".join(lines)
    content: str = replacement.get("insertedContent", {}).get("text", "")
    return (text[:start] + content + text[end:]).encode("utf-8", "surrogateescape")

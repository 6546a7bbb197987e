"""The pipeline of docs/gitlab-ci.md: its scripts make the reports that it hands over."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests import docs_examples

RULES = """\
rules:
  - id: TEAM001
    name: no-limit
    severity: error
    summary: no limit on the memory
    require: config["maxmemory"] > 0
    at: [maxmemory]
    message: maxmemory is not set
    help: Machines are shared.
    examples:
      - fails: maxmemory 0
      - passes: maxmemory 2gb
"""


@pytest.fixture(scope="module")
def jobs(root: Path) -> dict[str, Any]:
    text = (root / "docs" / "gitlab-ci.md").read_text(encoding="utf-8")
    (pipeline,) = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    loaded: dict[str, Any] = YAML(typ="safe").load(pipeline)
    return loaded


@pytest.fixture
def place(tmp_path: Path) -> Path:
    docs_examples.sandbox(tmp_path)
    return tmp_path


def script(job: dict[str, Any]) -> str:
    return " && ".join(job["script"])


def test_findings(jobs: dict[str, Any], place: Path) -> None:
    job = jobs["redislint"]
    result = docs_examples.run(script(job), place)
    assert result.returncode == 1, result.stdout
    reports = job["artifacts"]["reports"]
    quality = json.loads((place / reports["codequality"]).read_text(encoding="utf-8"))
    assert "RL101" in {finding["check_name"] for finding in quality}
    places = {finding["location"]["path"] for finding in quality}
    assert {"examples/redis.conf", "examples/infrastructure/compose.yml"} <= places
    assert all(path.startswith("examples/") for path in places)
    assert ET.parse(place / reports["junit"]).getroot().findall(".//failure")


def test_nothing_to_check_is_allowed(jobs: dict[str, Any], place: Path) -> None:
    (place / "empty").mkdir()
    result = docs_examples.run(f"cd empty && {script(jobs['redislint'])}", place)
    assert result.returncode in jobs["redislint"]["allow_failure"]["exit_codes"]


@pytest.mark.parametrize(("rules", "code"), [(RULES, 0), (RULES.replace("2gb", "0"), 1)])
def test_policies(jobs: dict[str, Any], place: Path, rules: str, code: int) -> None:
    (place / "policies").mkdir()
    (place / "policies" / "team.yaml").write_text(rules, encoding="utf-8")
    job = jobs["redislint-policies"]
    result = docs_examples.run(script(job), place)
    assert result.returncode == code, result.stdout
    report = ET.parse(place / job["artifacts"]["reports"]["junit"]).getroot()
    assert bool(report.findall(".//failure")) == bool(code)

"""The GitHub action: its scripts, run by bash as the runner would run them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests import docs_examples

BASH = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]
_EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")


@pytest.fixture(scope="module")
def action(root: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load((root / "action.yml").read_text("utf-8"))
    return loaded


@dataclass
class Runner:
    """What a runner keeps while it runs an action: contexts and the files it hands to steps."""

    action: dict[str, Any]
    folder: Path
    temp: Path
    action_path: Path
    inputs: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)

    def value(self, expression: str) -> str:
        """`inputs.NAME` or `steps.ID.outputs.NAME`; an unset output is empty, as on GitHub."""
        match expression.split("."):
            case ["inputs", name]:
                return self.inputs.get(name, str(self.action["inputs"][name]["default"]))
            case ["steps", step, "outputs", name]:
                return self.outputs.get(step, {}).get(name, "")
        raise AssertionError(f"not an expression of this action: {expression}")

    def fill(self, text: str) -> str:
        return _EXPRESSION.sub(lambda match: self.value(match[1]), text)

    def step(self, name: str) -> subprocess.CompletedProcess[str]:
        """Run the script of one step and take its outputs over."""
        (step,) = [step for step in self.action["runs"]["steps"] if step["name"] == name]
        output = self.temp / f"output-{name}"
        output.touch()
        summary = self.summary
        summary.touch()
        environment = {
            **os.environ,
            **{key: self.fill(text) for key, text in step["env"].items()},
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(self.action_path),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
            "RUNNER_TEMP": str(self.temp),
        }
        script = self.temp / "script.sh"
        script.write_text(step["run"], encoding="utf-8")
        result = subprocess.run(
            [*BASH, str(script)],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        lines = output.read_text(encoding="utf-8").splitlines()
        self.outputs[step.get("id", name)] = dict(line.split("=", 1) for line in lines)
        return result

    @property
    def summary(self) -> Path:
        return self.temp / "summary.md"


@pytest.fixture
def runner(action: dict[str, Any], root: Path, tmp_path: Path) -> Runner:
    """A runner on which this checkout counts as installed, in a folder with the examples."""
    folder, temp = tmp_path / "workspace", tmp_path / "temp"
    folder.mkdir()
    temp.mkdir()
    docs_examples.sandbox(folder)
    shim = temp / "redislint command"
    shim.write_text(
        f'#!/bin/sh\nPYTHONPATH="{root}" exec "{sys.executable}" -m redislint "$@"\n',
        encoding="utf-8",
    )
    shim.chmod(0o755)
    return Runner(action, folder, temp, root, outputs={"install": {"command": str(shim)}})


def test_every_expression_names_something_that_is_there(action: dict[str, Any]) -> None:
    steps = {step["id"]: step for step in action["runs"]["steps"] if "id" in step}
    expressions = _EXPRESSION.findall(json.dumps(action))
    for step in action["runs"]["steps"]:
        expressions += re.findall(r"[\w-]+(?:\.[\w-]+)+", step.get("if", ""))
    assert expressions
    for expression in expressions:
        match expression.split("."):
            case ["inputs", name]:
                assert name in action["inputs"], expression
            case ["steps", step, "outputs", name]:
                assert f"{name}=" in steps[step]["run"], expression
            case _:
                pytest.fail(f"not an expression of this action: {expression}")


def test_inputs_are_never_part_of_a_script(action: dict[str, Any]) -> None:
    for step in action["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
        assert step.get("uses") or step["shell"] == "bash"


def test_every_input_is_used_and_described(action: dict[str, Any]) -> None:
    used = json.dumps(action["runs"])
    for name, entry in action["inputs"].items():
        assert f"inputs.{name}" in used, name
        assert entry["description"]
        assert isinstance(entry["default"], str), name


def test_findings_fail_after_the_report_is_written(runner: Runner) -> None:
    runner.inputs = {"paths": "examples/redis.conf"}
    result = runner.step("Check")
    assert result.returncode == 0, result.stderr
    assert "::error file=examples/redis.conf,line=22," in result.stdout
    assert runner.outputs["check"] == {"exit-code": "1", "sarif": "redislint.sarif"}
    sarif = json.loads((runner.folder / "redislint.sarif").read_text(encoding="utf-8"))
    assert "RL101" in {found["ruleId"] for found in sarif["runs"][0]["results"]}
    assert "RL101" in runner.summary.read_text(encoding="utf-8")
    assert runner.step("Result").returncode == 1


def test_annotations_stand_in_host_files(runner: Runner, root: Path) -> None:
    chart = "tests/golden/infrastructure/helm/chart-template/templates/configmap.yaml"
    place = runner.folder / "examples" / "infrastructure" / "chart" / "templates"
    place.mkdir(parents=True)
    text = (root / chart).read_text(encoding="utf-8").replace("bind 0.0.0.0", "bnd 0.0.0.0")
    (place / "configmap.yaml").write_text(text, encoding="utf-8")
    runner.inputs = {"paths": "examples/infrastructure", "args": "--select syntax,RL9"}
    result = runner.step("Check")
    assert result.returncode == 0, result.stderr
    folder = "::error file=examples/infrastructure"
    assert f"{folder}/compose.yml,line=7,endLine=7,col=19," in result.stdout
    assert f"{folder}/chart/templates/configmap.yaml,line=7," in result.stdout
    assert f"{folder}/terraform/main.tf,line=16," in result.stdout
    sarif = json.loads((runner.folder / "redislint.sarif").read_text(encoding="utf-8"))
    places = {
        found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for found in sarif["runs"][0]["results"]
    }
    assert {
        "examples/infrastructure/compose.yml",
        "examples/infrastructure/chart/templates/configmap.yaml",
        "examples/infrastructure/terraform/main.tf",
    } <= places
    assert runner.outputs["check"]["exit-code"] == "1"


def test_clean_file_passes(runner: Runner) -> None:
    runner.inputs = {"paths": "examples/redis-clean.conf"}
    runner.step("Check")
    assert runner.outputs["check"] == {"exit-code": "0", "sarif": "redislint.sarif"}
    assert runner.step("Result").returncode == 0


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({"paths": "examples/redis.conf", "fail-on": "error", "args": "--ignore RL1"}, 0),
        ({"paths": "examples/redis.conf", "args": "--ignore 'RL1' --fail-on \"error\""}, 0),
        ({"paths": "examples/redis.conf", "args": "--select RL101"}, 1),
        ({"paths": "examples/redis.conf", "args": "--fail-on sometimes"}, 2),
        ({"paths": "examples/redis-clean.conf\nno-such.conf\n"}, 3),
        ({"paths": "empty"}, 4),
        ({"paths": "--help"}, 3),
    ],
)
def test_exit_code_is_kept(runner: Runner, inputs: dict[str, str], code: int) -> None:
    (runner.folder / "empty").mkdir()
    runner.inputs = inputs
    result = runner.step("Check")
    assert runner.outputs["check"]["exit-code"] == str(code), result.stdout + result.stderr
    assert runner.step("Result").returncode == code


def test_paths_are_lines(runner: Runner) -> None:
    shutil.copy(runner.folder / "examples" / "redis.conf", runner.folder / "my redis.conf")
    runner.inputs = {
        "paths": "my redis.conf\n\nexamples/redis-clean.conf\n",
        "args": "--select syntax",
    }
    result = runner.step("Check")
    assert "::error file=my redis.conf,line=22," in result.stdout
    assert runner.outputs["check"]["exit-code"] == "1"


def test_no_report_no_summary(runner: Runner) -> None:
    runner.inputs = {"paths": "examples/redis.conf", "sarif": "", "summary": "false"}
    runner.step("Check")
    assert runner.outputs["check"] == {"exit-code": "1"}
    assert runner.summary.read_text(encoding="utf-8") == ""
    assert not list(runner.folder.glob("*.sarif"))


def test_an_older_report_is_not_uploaded(runner: Runner) -> None:
    (runner.folder / "redislint.sarif").write_text("{}", encoding="utf-8")
    runner.inputs = {"args": "--no-such-option"}
    runner.step("Check")
    assert runner.outputs["check"] == {"exit-code": "2"}


def test_nothing_in_an_input_is_code(runner: Runner) -> None:
    runner.inputs = {
        "paths": "$(touch paths)\n`touch paths`",
        "args": "--select $(touch${IFS}args) --ignore `touch${IFS}args`",
        "fail-on": "$(touch fail-on)",
        "sarif": "$(touch sarif)",
    }
    before = {path.name for path in runner.folder.iterdir()}
    runner.step("Check")
    assert {path.name for path in runner.folder.iterdir()} - before <= {"$(touch sarif)"}


def test_unbalanced_quotes_fail(runner: Runner) -> None:
    runner.inputs = {"args": "--select 'RL101"}
    result = runner.step("Check")
    assert result.returncode != 0
    assert "quote" in result.stderr


def test_documentation_lists_the_inputs(action: dict[str, Any], root: Path) -> None:
    text = (root / "docs" / "github-action.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| (?:`(.*?)` )?\|", text, re.MULTILINE)
    assert dict(rows) == {name: entry["default"] for name, entry in action["inputs"].items()}
    for block in re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        workflow = YAML(typ="safe").load(block)
        for step in workflow["jobs"]["redislint"]["steps"]:
            assert set(step.get("with", {})) <= set(action["inputs"])


@pytest.mark.slow
def test_installs_its_own_revision(runner: Runner) -> None:
    runner.inputs = {"python": sys.executable, "paths": "examples/redis.conf"}
    runner.outputs = {}
    result = runner.step("Install redislint")
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.startswith("redislint ")
    assert Path(runner.outputs["install"]["command"]).is_relative_to(runner.temp)
    runner.step("Check")
    assert runner.outputs["check"]["exit-code"] == "1"

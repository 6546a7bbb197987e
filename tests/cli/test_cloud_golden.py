"""Golden reports of managed caches. `python -m tests.cli.test_cloud_golden` writes them anew
after a wanted change; read the difference before you commit it."""

from __future__ import annotations

import json
import math
import re
import tempfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.cli.cloud import Aws
from tests.support.aws_endpoint import Endpoint
from tests.support.aws_setups import SETUPS, build
from tests.support.aws_world import ACCOUNT, World

FOLDER = Path(__file__).parents[1] / "golden" / "cloud"
RULES = "RL9,RL20,RL30,RL80"
"""What the reports show: the rules about managed caches, and those about what a workload
needs of persistence, memory and backups."""
URLS = ("elasticache://eu-west-1", "memorydb://eu-west-1")


def report(name: str, root: Path, folder: Path) -> str:
    """The report of a set-up as people see it, and its exit code."""
    world = World()
    world.accounts[ACCOUNT] = {"eu-west-1": build(name)}
    with Endpoint(world) as endpoint:
        outcome = Aws(root, folder, endpoint).run(
            "check",
            *URLS,
            "--profile",
            "strict",
            "--select",
            RULES,
            "--format",
            "text",
            "--no-color",
        )
    assert outcome.code in (0, 1), outcome.err
    doc = " ".join((SETUPS[name].__doc__ or "").split())
    return f"# {doc}\n# exit code {outcome.code}\n{_timeless(outcome.out)}"


def _timeless(text: str) -> str:
    """Times that depend on the day of the run, as marks."""
    text = re.sub(r"\b\d{4}-\d{2}-\d{2}\b", "DATE", text)
    return re.sub(r"\b(\d+d(?:\d+h)?|\d+h)(?:\d+m)?(?:\d+s)?\b", r"\1", text)


@pytest.mark.parametrize("name", SETUPS)
def test_report(name: str, root: Path, tmp_path: Path) -> None:
    made = report(name, root, tmp_path)
    kept = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    assert made == kept, "a wanted change? python -m tests.cli.test_cloud_golden writes it"


def test_every_golden_report_is_of_a_setup() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(SETUPS)


def test_facts_are_those_of_the_schema(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is declared with its type, and of all that a cloud source supplies none is missing."""
    from redislint.audit.facts import facts

    schema = json.loads((root / "schemas" / "facts.schema.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = {}
    monkeypatch.chdir(tmp_path)
    for name in SETUPS:
        world = World()
        world.accounts[ACCOUNT] = {"eu-west-1": build(name)}
        with Endpoint(world) as endpoint:
            for key, value in endpoint.environment().items():
                monkeypatch.setenv(key, value)
            report = facts(URLS)
        assert report.errors == ()
        for target in report.targets:
            for path, fact in target.facts.items():
                found.setdefault(path, []).append(fact.value)
    for kind in ("cloud", "backup"):
        for name, leaf in schema["properties"][kind]["properties"].items():
            values = found.pop(f"{kind}.{name}", [])
            for value in values:
                shown = "unbounded" if value == math.inf else value
                jsonschema.validate(shown, {**leaf, "$defs": schema.get("$defs", {})})
            assert values or "cloud" not in leaf.get("x-suppliers", ()), name
    assert not [path for path in found if path.startswith(("cloud.", "backup."))]


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for each in SETUPS:
        with tempfile.TemporaryDirectory() as place:
            made = report(each, Path(__file__).parents[2], Path(place))
        (FOLDER / f"{each}.txt").write_text(made, encoding="utf-8")

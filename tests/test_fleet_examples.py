"""The examples of operation are sound: by their own linters where these are at hand, and by what
they call and mount in any case."""

from __future__ import annotations

import io
import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from redislint.cli.fleet import fleet
from redislint.fleet.discovery import Found, discover
from redislint.fleet.inventory import load
from redislint.fleet.reports import FORMATS, Options, writer
from redislint.sources.host import collect
from tests.fleet.exposition import parse
from tests.fleet.past import report_with_past

Json = dict[str, Any]


@pytest.fixture
def folder(root: Path) -> Path:
    return root / "examples" / "fleet"


@pytest.fixture
def cronjob(folder: Path) -> Json:
    (found,) = [one for one in _manifests(folder) if one["kind"] == "CronJob"]
    return dict(found)


def _manifests(folder: Path) -> list[Json]:
    return list(YAML(typ="safe").load_all(folder / "cronjob.yaml"))


def _found(path: Path) -> Found:
    return discover(load(str(path)), str(path))


def _expect_sound(arguments: list[str]) -> Json:
    """The options of a call of `redislint fleet`, each known and of the right form."""
    assert arguments[0] == "fleet"
    given: Json = fleet.make_context("fleet", arguments[1:]).params
    for output in given["output"]:
        assert output.partition("=")[0] in FORMATS
    return given


# The inventory


def test_the_inventory_is_read(folder: Path) -> None:
    found = _found(folder / "inventory.yaml")
    assert {entry.name for entry in found.entries} == {"sessions", "orders", "shop"}
    assert found.notices == ()
    for entry in found.entries:
        assert entry.password is not None
        assert entry.password.file.startswith("/run/secrets/redislint/")
        assert entry.tags["team"]


def test_the_inventory_of_the_documentation_is_read(root: Path, tmp_path: Path) -> None:
    text = (root / "docs/fleet-discovery.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    place = tmp_path / "fleet"
    (place / "facts").mkdir(parents=True)
    (place / "facts" / "c1.json").write_text(json.dumps(collect()))
    (tmp_path / "k8s").mkdir()
    (tmp_path / "ansible").mkdir()
    (tmp_path / "ansible" / "inventory.ini").write_text("[redis]\nc1\n")
    (place / "inventory.yaml").write_text(example)
    found = _found(place / "inventory.yaml")
    assert {entry.kind for entry in found.entries} == {"live", "cloud"}
    (host,) = [entry.host for entry in found.entries if entry.name == "c1"]
    assert host.endswith("c1.json")
    assert found.notices == ("../k8s: no manifest there runs Redis or Valkey",)


# Kubernetes


def test_the_job_runs_without_rights(cronjob: Json) -> None:
    pod = cronjob["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"]["memory"]
    assert not [one for one in container["env"] if "valueFrom" in one or "PASSWORD" in one["name"]]


def test_the_job_has_a_place_for_all_that_it_reads_and_writes(cronjob: Json, folder: Path) -> None:
    pod = cronjob["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    volumes = {one["name"]: set(one) - {"name"} for one in pod["volumes"]}
    mounts = {one["mountPath"]: one for one in container["volumeMounts"]}
    assert {one["name"] for one in mounts.values()} == set(volumes)
    given = _expect_sound(container["args"])
    assert mounts[given["inventory"]]["readOnly"] is True
    state = str(Path(given["inventory"]).parent)
    assert volumes[mounts[state]["name"]] == {"persistentVolumeClaim"}
    for output in given["output"]:
        assert str(Path(output.partition("=")[2]).parent) == state
    (secrets,) = [path for path, one in mounts.items() if volumes[one["name"]] == {"secret"}]
    for entry in _found(folder / "inventory.yaml").entries:
        assert entry.password is not None
        assert Path(entry.password.file).parent == Path(secrets)
        assert not entry.tls.ca or Path(entry.tls.ca).parent == Path(secrets)


def test_the_manifests_belong_together(folder: Path, cronjob: Json) -> None:
    by_kind = {one["kind"]: one for one in _manifests(folder)}
    space = by_kind["Namespace"]["metadata"]["name"]
    claim = by_kind["PersistentVolumeClaim"]["metadata"]
    assert {cronjob["metadata"]["namespace"], claim["namespace"]} == {space}
    pod = cronjob["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    names = [one.get("persistentVolumeClaim", {}).get("claimName") for one in pod["volumes"]]
    assert claim["name"] in names


def test_the_validator_of_kubernetes_agrees(folder: Path) -> None:
    program = shutil.which("kubernetes-validate") or shutil.which("kubeconform")
    if program is None:
        pytest.skip("neither kubernetes-validate nor kubeconform is installed")
    _expect_ok([program, str(folder / "cronjob.yaml")])


# systemd


@pytest.fixture
def service(folder: Path) -> str:
    return (folder / "redislint-fleet.service").read_text(encoding="utf-8")


def test_the_service_calls_what_there_is(service: str) -> None:
    (start,) = re.findall(r"^ExecStart=\S+/redislint (.+)$", service, re.MULTILINE)
    given = _expect_sound(shlex.split(start))
    (source, copy) = re.findall(r"^ExecStartPre=.* (\S+) (\S+)$", service, re.MULTILINE)[0]
    assert given["inventory"] == copy
    assert source == "/etc/redislint/inventory.yaml"
    assert "\nUser=redislint\n" in service
    assert "\nNoNewPrivileges=yes\n" in service


def test_systemd_agrees(service: str, folder: Path, tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    # The program need not be installed where the tests run.
    unit = tmp_path / "redislint-fleet.service"
    unit.write_text(service.replace("/opt/redislint/bin/redislint", "/bin/true"))
    timer = tmp_path / "redislint-fleet.timer"
    shutil.copy(folder / timer.name, timer)
    said = _expect_ok([program, "verify", "--man=no", str(timer), str(unit)])
    assert "redislint" not in said


# The image


def test_the_image_runs_as_nobody(folder: Path) -> None:
    lines = (folder / "Containerfile").read_text(encoding="utf-8").splitlines()
    told = {line.split()[0]: line.split()[1:] for line in lines if line[:1].isalpha()}
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", told["USER"][0])
    assert re.fullmatch(r"python:3\.\d+-slim", told["FROM"][0])
    assert told["ENTRYPOINT"] == ['["redislint"]']
    assert told["STOPSIGNAL"] == ["SIGINT"]
    assert "ADD" not in told


def test_hadolint_agrees(folder: Path) -> None:
    program = shutil.which("hadolint")
    if program is None:
        pytest.skip("hadolint is not installed")
    _expect_ok([program, str(folder / "Containerfile")])


# Prometheus


def test_alerts_ask_for_metrics_and_labels_that_there_are(folder: Path) -> None:
    out = io.StringIO()
    writer("prometheus")(report_with_past(40), out, Options(by=("team",)))
    samples = parse(out.getvalue())
    labels = {name: {label for label, _ in own} for name, own in samples}
    rules = YAML(typ="safe").load(folder / "alerts.yaml")["groups"][0]["rules"]
    assert len(rules) == 4
    for rule in rules:
        names = set(re.findall(r"redislint_\w+", rule["expr"]))
        assert names <= set(labels), rule["alert"]
        asked = re.findall(r"by \(([^)]*)\)", rule["expr"]) + re.findall(r"\{(\w+)=", rule["expr"])
        for label in ",".join(asked).replace(" ", "").split(",") if asked else ():
            assert all(label in labels[name] for name in names), (rule["alert"], label)


def test_promtool_agrees(folder: Path) -> None:
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool is not installed")
    _expect_ok([program, "check", "rules", str(folder / "alerts.yaml")])


def _expect_ok(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, timeout=60, check=False, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr

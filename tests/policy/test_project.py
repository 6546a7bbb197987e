from __future__ import annotations

import json
from pathlib import Path

import pytest

from redislint.model import Server
from redislint.policy.discovery import discover
from redislint.policy.errors import PolicyError
from redislint.policy.globs import matches
from redislint.policy.project import Project, load
from redislint.policy.starter import starter
from redislint.resources import read_schema

FULL = """\
profile: strict
select: [RL2, memory]
ignore: RL205
severity: {appendfsync-no: error, RL301: off}
params: {RL217: {min_size: 67108864}}
server: redis-7.2
workload: queue, stream
files:
  - path: "**/ledger*.conf"
    server: [valkey-8.1, redis-8.6]
    workload: [ledger]
    environment: production
    rpo: 2s
    rto: 0
    accept: [always]
    ignore: [RL208]
  - path: cache/
    workload: cache
waivers:
  - rule: [RL207, aof]
    path: ["**/batch.conf", jobs/]
    reason: >-
      rebuilt from
      the log
    owner: platform
    until: 2027-01-31
fail-on: error
fail-on-unknown: true
baseline: redislint-baseline.json
"""


def project(folder: Path, text: str, name: str = "redislint.yaml") -> Project:
    path = folder / name
    path.write_text(text)
    return load(str(path), name)


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        project(folder, text)
    return str(caught.value).splitlines()


def test_everything_is_read(tmp_path: Path) -> None:
    found = project(tmp_path, FULL)
    assert found.profile == "strict"
    assert [word.text for word in found.select] == ["RL2", "memory"]
    assert [(w.text, w.path, w.line, w.column) for w in found.ignore] == [
        ("RL205", "redislint.yaml", 3, 9)
    ]
    assert [(w.text, s) for w, s in found.severity] == [
        ("appendfsync-no", "error"),
        ("RL301", "off"),
    ]
    assert [(w.text, p) for w, p in found.parameters] == [("RL217", {"min_size": 67108864})]
    assert (found.fail_on, found.fail_on_unknown) == ("error", True)
    assert found.baseline == str(tmp_path / "redislint-baseline.json")
    (waiver,) = found.waivers
    assert [word.text for word in waiver.rules] == ["RL207", "aof"]
    assert waiver.patterns == ("**/batch.conf", "jobs/")
    assert (waiver.reason, waiver.owner) == ("rebuilt from the log", "platform")
    assert (waiver.until, waiver.line) == ("2027-01-31", 20)


def test_settings_by_path(tmp_path: Path) -> None:
    found = project(tmp_path, FULL)
    other = found.settings_for(str(tmp_path / "x" / "redis.conf"))
    assert (other.servers, other.workload) == ((Server("redis", (7, 2)),), ("queue", "stream"))
    ledger = found.settings_for(str(tmp_path / "x" / "ledger-1.conf"))
    assert ledger.servers == (Server("valkey", (8, 1)), Server("redis", (8, 6)))
    assert (ledger.workload, ledger.environment) == (("ledger",), "production")
    assert (ledger.rpo, ledger.rto, ledger.accept) == (2.0, 0.0, ("always",))
    assert [word.text for word in ledger.ignore] == ["RL208"]
    both = found.settings_for(str(tmp_path / "cache" / "ledger.conf"))
    assert (both.workload, both.environment) == (("cache",), "production")


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    assert project(tmp_path, "# nothing\n").profile == ""


KEYS = (
    "extends, profile, select, ignore, severity, params, policies, workloads, server, workload,"
    " environment, files, waivers, fail-on, fail-on-unknown, baseline, tag-map"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("profil: strict", f"1:1: unknown key 'profil' in redislint.yaml: expected one of {KEYS};"
         " did you mean 'profile'?"),
        ("- a", "1:1: redislint.yaml must be a mapping, not a list"),
        ("profile: [a]", "1:10: 'profile' must be text, not a list"),
        ("select: [1]", "1:10: each entry of 'select' must be text, not the number 1 (put it"
         " between quotes)"),
        ("severity: {RL1: high}", "1:17: the severity of RL1 must be one of error, warning, info,"
         " off, not 'high'"),
        ("severity: error", "1:11: 'severity' must be a mapping, not 'error'"),
        ("params: {RL1: {a: {b: 1}}}", "1:19: parameter 'a' must be text, a number, true, false or"
         " a list of them"),
        ("policies: nowhere", "1:11: 'policies': there is no 'nowhere'"),
        ("server: mysql-8", "1:9: 'server': unknown server 'mysql-8': expected an engine (redis or"
         " valkey) and a version, such as redis-7.2 or valkey-8.1"),
        ("environment: prod", "1:14: 'environment' must be one of production, staging, development,"
         " test, not 'prod'; did you mean 'production'?"),
        ("files: [{workload: cache}]", "1:9: an entry of 'files' has no 'path'"),
        ("files: [{path: x, rpo: 2 weeks}]", "1:24: 'rpo': '2 weeks' is not a duration: expected a"
         " number and a unit (ms, s, m, h, d), such as 2s, 15m or 1h, or 0, or unlimited"),
        ("files: [{path: x, rpo: 5}]", "1:24: 'rpo' must be text, not the number 5 (put it between"
         " quotes)"),
        ("waivers: [{rule: RL1}]", "1:11: a waiver has no 'reason'"),
        ("waivers: [{reason: x}]", "1:11: a waiver has no 'rule'"),
        ("waivers: [{rule: RL1, reason: x, until: 2027-13-01}]", "1:41: 'until': '2027-13-01' is no"
         " date: expected one such as 2027-01-31"),
        ("waivers: [{rule: RL1, reason: '  '}]", "1:32: 'reason' is empty"),
        ("fail-on: never", "1:10: 'fail-on' must be one of error, warning, info, not 'never'"),
        ("fail-on-unknown: yes", "1:18: 'fail-on-unknown' must be true or false, not 'yes'"),
        ("extends: none.yaml", "1:10: 'extends': there is no file 'none.yaml'"),
        ("extends: redislint.yaml", "1:10: 'extends': 'redislint.yaml' extends this file again (a"
         " cycle)"),
        ("profile: a\nprofile: b", "2:1: duplicate key 'profile': it already stands on line 1"),
    ],
)  # fmt: skip
def test_mistakes(tmp_path: Path, text: str, message: str) -> None:
    assert f"redislint.yaml:{message}" in problems(tmp_path, text)


def test_what_extends_what(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    base = "profile: minimal\nignore: [A]\nseverity: {RL1: info}\nworkload: cache\n"
    base += "waivers: [{rule: X, reason: r}]\nfail-on-unknown: true\n"
    project(tmp_path / "base", base)
    found = project(tmp_path, "extends: base/redislint.yaml\nignore: [B]\nseverity: {RL1: error}\n"
                    "files: [{path: a.conf, workload: queue}]\n")  # fmt: skip
    assert found.profile == "minimal"
    assert [word.text for word in found.ignore] == ["A", "B"]
    assert [severity for _, severity in found.severity] == ["info", "error"]
    assert found.fail_on_unknown is True
    assert len(found.waivers) == 1
    assert found.sources == (
        str(tmp_path / "redislint.yaml"),
        str(tmp_path / "base/redislint.yaml"),
    )
    assert found.settings_for(str(tmp_path / "base" / "x.conf")).workload == ("cache",)
    assert found.settings_for(str(tmp_path / "a.conf")).workload == ("queue",)


def test_a_mistake_in_an_extended_file_is_placed_there(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("profile: [1]\n")
    assert problems(tmp_path, "extends: base.yaml") == [
        "base.yaml:1:10: 'profile' must be text, not a list"
    ]


def test_a_longer_circle(tmp_path: Path) -> None:
    for name, other in (("b", "c"), ("c", "redislint")):
        (tmp_path / f"{name}.yaml").write_text(f"extends: {other}.yaml\n")
    assert problems(tmp_path, "extends: b.yaml") == [
        "c.yaml:1:10: 'extends': 'redislint.yaml' extends this file again (a cycle)"
    ]


def test_discovery_goes_up_to_the_repository(tmp_path: Path) -> None:
    inner = tmp_path / "repository" / "conf"
    inner.mkdir(parents=True)
    (tmp_path / "redislint.yaml").write_text("")
    assert discover(str(inner)) == str(tmp_path / "redislint.yaml")
    (tmp_path / "repository" / ".git").mkdir()
    assert discover(str(inner)) is None
    (tmp_path / "repository" / "redislint.yaml").write_text("")
    assert discover(str(inner / "redis.conf")) == str(tmp_path / "repository" / "redislint.yaml")


def test_huge_and_binary_files(tmp_path: Path) -> None:
    path = tmp_path / "redislint.yaml"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    with pytest.raises(PolicyError, match=r"redislint.yaml:1:1: is not UTF-8 text"):
        load(str(path), "redislint.yaml")
    path.write_bytes(b" " * (3 << 20))
    with pytest.raises(PolicyError, match=r"redislint.yaml: is larger than 2 MiB"):
        load(str(path), "redislint.yaml")


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("redis.conf", "redis.conf", True), ("redis.conf", "a/b/redis.conf", True),
        ("*.conf", "a/b.conf", True), ("a/*.conf", "a/b.conf", True),
        ("a/*.conf", "a/b/c.conf", False), ("a/**/c.conf", "a/c.conf", True),
        ("a/**/c.conf", "a/x/y/c.conf", True), ("**/c.conf", "c.conf", True),
        ("a/", "a/b/c.conf", True), ("a", "x/a/b.conf", True), ("./a/b", "a/b", True),
        ("redis-?.conf", "redis-1.conf", True), ("redis-[12].conf", "redis-3.conf", False),
        ("redis-[!12].conf", "redis-3.conf", True), ("**", "../x.conf", True),
        ("a+b(.conf", "a+b(.conf", True), ("x.conf", "axxconf", False),
    ],
)  # fmt: skip
def test_globs(pattern: str, path: str, expected: bool) -> None:
    assert matches(pattern, path) is expected


def test_the_starter_is_valid_with_and_without_its_comments(tmp_path: Path) -> None:
    import jsonschema
    from ruamel.yaml import YAML

    plain = starter(["redis-7.2", "valkey-8.1"])
    assert len(project(tmp_path, plain).settings_for(str(tmp_path / "a")).servers) == 2
    commented = [line[2:] if line.startswith("# ") else line for line in starter().splitlines()]
    keys = [
        line for line in commented if line.split(":")[0].strip(" -").islower() or "path:" in line
    ]
    active = "\n".join(line for line in keys if ": " in line or line.endswith(":")) + "\n"
    active = active.replace("policies: [policies/]\n", "").replace(
        "workloads: [workloads.yaml]\n", ""
    )
    active = "\n".join(line for line in active.splitlines() if not line.startswith("`")) + "\n"
    found = project(tmp_path, active)
    assert found.waivers
    assert found.files
    document = json.loads(json.dumps(YAML(typ="safe", pure=True).load(active), default=str))
    jsonschema.validate(document, json.loads(read_schema("project.schema.json")))


def test_the_schema_and_the_reader_agree(tmp_path: Path) -> None:
    import jsonschema
    from ruamel.yaml import YAML

    schema = json.loads(read_schema("project.schema.json"))
    jsonschema.Draft202012Validator.check_schema(schema)
    text = FULL.replace("RL301: off", 'RL301: "off"')
    document = json.loads(json.dumps(YAML(typ="safe", pure=True).load(text), default=str))
    jsonschema.validate(document, schema)
    assert list(schema["properties"]) == KEYS.replace(",", "").split()

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

Run = Callable[..., Any]

GOOD = "port 6379\nappendonly yes\nsave 3600 1\n"
BAD = "port 6379\nappendonly true\n"


@pytest.fixture
def conf(tmp_path: Path) -> Callable[..., Path]:
    def write(text: str | bytes = GOOD, name: str = "redis.conf") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_a_good_file_is_0(run: Run, conf: Callable[..., Path]) -> None:
    outcome = run("check", conf(), "--server", "redis-7.2", "--select", "syntax")
    assert outcome.code == 0
    assert "nothing found" in outcome.out
    assert outcome.err == ""


def test_a_refused_file_is_1_with_place_and_caret(run: Run, conf: Callable[..., Path]) -> None:
    outcome = run("check", conf(BAD), "--server", "redis-7.2")
    assert outcome.code == 1
    assert "error[RL105]" in outcome.out
    assert "redis.conf:2:12" in outcome.out
    assert "2 | appendonly true\n  |            ^^^^" in outcome.out


@pytest.mark.parametrize(("fail_on", "code"), [("error", 0), ("warning", 0), ("info", 1)])
def test_fail_on_is_a_threshold(
    run: Run, conf: Callable[..., Path], fail_on: str, code: int
) -> None:
    path = conf("maxmemory 64m\n")
    select = ("--select", "syntax")
    outcome = run("check", path, "--server", "redis-7.2", "--fail-on", fail_on, *select)
    assert outcome.code == code


def test_an_empty_directory_is_4(run: Run, tmp_path: Path) -> None:
    outcome = run("check", tmp_path)
    assert (outcome.code, outcome.out) == (4, "")
    assert "nothing to check" in outcome.err


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("values.yaml", "image: nginx\n"),
        ("package.json", '{"name": "x"}\n'),
        ("main.tf", 'resource "aws_s3_bucket" "b" {}\n'),
        ("Dockerfile", "FROM python:3.12\n"),
        ("redis.yaml", "\0 redis-server kind: apiVersion:\n"),
    ],
)
def test_a_file_without_a_server_is_nothing_to_check(
    run: Run, tmp_path: Path, name: str, text: str
) -> None:
    path = tmp_path / name
    path.write_text(text)
    outcome = run("check", path)
    assert (outcome.code, outcome.out) == (4, "")
    assert f"nothing to check: {path} describes no server of Redis or Valkey" in outcome.err
    outcome = run("check", path, path, "--allow-empty")
    assert (outcome.code, outcome.out) == (0, "")
    assert "nothing to check: none of the 2 files describes a server" in outcome.err


def test_files_without_a_server_beside_others_do_not_matter(
    run: Run, conf: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / "values.yaml").write_text("image: nginx\n")
    both = (tmp_path / "values.yaml", conf("hz 10\n"))
    assert run("check", *both, "--server", "redis-7.2", "--select", "syntax").code == 0
    both = (tmp_path / "values.yaml", conf("hz ten\n"))
    assert run("check", *both, "--allow-empty", "--select", "syntax").code == 1


def test_an_empty_json_report_is_still_a_report(run: Run, tmp_path: Path) -> None:
    outcome = run("check", tmp_path, "--format", "json")
    assert outcome.code == 4
    assert json.loads(outcome.out)["targets"] == []


def test_the_current_directory_is_the_default(
    run: Run, conf: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(conf(BAD, "sub/redis.conf").parent.parent)
    outcome = run("check", "--format", "concise", "--server", "redis-7.2", "--select", "syntax")
    assert outcome.code == 1
    assert outcome.out.startswith("sub/redis.conf:2:12: error RL105 invalid-boolean: ")


def test_standard_input_takes_a_name(run: Run, tmp_path: Path) -> None:
    name = str(tmp_path / "sentinel.conf")
    args = ("check", "-", "--stdin-filename", name, "--server", "redis-7.2", "--format", "json")
    outcome = run(*args, stdin=b"sentinel monitor m 127.0.0.1 6379 2\n")
    [target] = json.loads(outcome.out)["targets"]
    assert target["kind"] == "sentinel-conf"
    assert target["id"].endswith("sentinel.conf")


def test_standard_input_without_a_name(run: Run) -> None:
    args = ("--server", "redis-7.2", "--format", "concise", "--select", "syntax")
    outcome = run("check", "-", *args, stdin=BAD.encode())
    assert outcome.code == 1
    assert outcome.out.startswith("<stdin>:2:12: ")


def test_a_pragma_names_the_server(run: Run, conf: Callable[..., Path]) -> None:
    path = conf("# redislint: engine=valkey version=8.1\n" + GOOD)
    outcome = run("check", path, "--format", "json")
    [target] = json.loads(outcome.out)["targets"]
    assert target["server"] == {"engine": "valkey", "version": "8.1", "assumed": False}
    assert target["held_against"] == ["valkey-8.1"]


def test_a_broken_pragma_is_incomplete(run: Run, conf: Callable[..., Path]) -> None:
    outcome = run("check", conf("# redislint: engine=redis verson=7.2\n" + GOOD))
    assert outcome.code == 3
    assert "redis.conf:1:" in outcome.out
    assert "version" in outcome.out


def test_without_a_server_all_supported_ones_judge(run: Run, conf: Callable[..., Path]) -> None:
    path = conf("latency-tracking yes\nmaxmemmory 1gb\n")
    outcome = run("check", path, "--format", "json")
    document = json.loads(outcome.out)
    found = {finding["rule"]: finding for finding in document["findings"]}
    assert found["RL101"]["severity"] == "error"
    assert found["RL101"]["versions"] is None
    assert found["RL113"]["severity"] == "info"
    assert found["RL113"]["versions"] == ["redis-6.2"]
    assert found["RL003"]["severity"] == "info"
    assert document["targets"][0]["server"]["assumed"] is True
    assert len(document["targets"][0]["held_against"]) == 10


def test_text_says_once_that_no_version_was_named(run: Run, conf: Callable[..., Path]) -> None:
    conf(GOOD, "a/redis.conf")
    top = conf(GOOD, "b/redis.conf").parent.parent
    outcome = run("check", top, "--select", "syntax,RL003")
    assert outcome.code == 0
    assert outcome.out.count("no version was named") == 1
    assert "RL003" not in outcome.out
    assert "RL003" in run("check", top, "--verbose", "--select", "syntax,RL003").out


def test_several_servers_name_those_that_object(run: Run, conf: Callable[..., Path]) -> None:
    path = conf("latency-tracking yes\n")
    servers = ("--server", "redis-7.2", "--server", "redis-6.2", "--select", "syntax")
    outcome = run("check", path, *servers, "--format", "json")
    [finding] = json.loads(outcome.out)["findings"]
    assert (finding["severity"], finding["versions"]) == ("error", ["redis-6.2"])
    assert outcome.code == 1


def test_select_and_ignore(run: Run, conf: Callable[..., Path]) -> None:
    path = conf("appendonly true\nmaxmemmory 1gb\n")
    base = ("check", path, "--server", "redis-7.2", "--format", "concise")
    assert "RL105" not in run(*base, "--ignore", "invalid-boolean").out
    only = run(*base, "--select", "RL101").out
    assert "RL101" in only
    assert "RL105" not in only
    assert run(*base, "--select", "RL1", "--ignore", "RL101,RL105").code == 0


def test_one_evaluation_writes_many_reports(
    run: Run, conf: Callable[..., Path], tmp_path: Path, root: Path
) -> None:
    outputs = ("--output", f"json={tmp_path}/r.json", "--output", f"concise={tmp_path}/r.txt")
    outcome = run("check", conf(BAD), "--server", "redis-7.2", *outputs)
    assert outcome.code == 1
    document = json.loads((tmp_path / "r.json").read_text())
    schema = json.loads((root / "schemas" / "report.schema.json").read_text())
    jsonschema.validate(document, schema)
    assert "RL105" in (tmp_path / "r.txt").read_text()
    assert "RL105" in outcome.out
    assert sorted(os.listdir(tmp_path)) == ["r.json", "r.txt", "redis.conf"]


def test_real_files_give_reports_as_the_schema_says(run: Run, shared: Path, root: Path) -> None:
    schema = json.loads((root / "schemas" / "report.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    files = sorted((shared / "corpus" / "redis-conf").iterdir())[::6]
    outcome = run("check", *files, "--format", "json")
    document = json.loads(outcome.out)
    assert list(validator.iter_errors(document)) == []
    assert len(document["targets"]) == len(files)
    assert document["findings"] == sorted(document["findings"], key=position)
    fingerprints = [finding["fingerprint"] for finding in document["findings"]]
    assert len(set(fingerprints)) == len(fingerprints)


def position(finding: dict[str, Any]) -> tuple[Any, ...]:
    place = finding["location"] or {"path": "", "line": 0, "column": 0}
    return (finding["target"], place["path"], place["line"], place["column"], finding["rule"])


def test_paths_are_relative_to_the_repository(
    run: Run, conf: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".git").mkdir()
    path = conf(BAD, "deploy/redis.conf")
    monkeypatch.chdir(path.parent)
    for target in ("redis.conf", str(path), "."):
        args = ("--server", "redis-7.2", "--format", "concise", "--select", "syntax")
        outcome = run("check", target, *args)
        assert outcome.out.startswith("deploy/redis.conf:2:12: ")


def test_fingerprints_survive_edits_around_them(run: Run, conf: Callable[..., Path]) -> None:
    def fingerprints(text: str) -> set[str]:
        outcome = run("check", conf(text), "--server", "redis-7.2", "--format", "json")
        return {f["fingerprint"] for f in json.loads(outcome.out)["findings"] if f["fatal"]}

    before = fingerprints(BAD)
    assert len(before) == 1
    assert fingerprints("# a comment\ntimeout 5\n" + BAD.replace("true", "on")) == before
    assert fingerprints(BAD.replace("appendonly", "daemonize")) != before


def test_equal_findings_have_fingerprints_of_their_own(run: Run, conf: Callable[..., Path]) -> None:
    outcome = run(
        "check", conf("nonsense 1\nnonsense 2\n"), "--server", "redis-7.2", "--format", "json"
    )
    found = [f["fingerprint"] for f in json.loads(outcome.out)["findings"]]
    assert len(found) == len(set(found)) >= 2


def test_an_included_file_is_judged_once_where_it_takes_effect(
    run: Run, conf: Callable[..., Path], tmp_path: Path
) -> None:
    main = conf(f"include {tmp_path}/part.conf\nport 6379\n")
    part = conf("appendonly true\nmaxmemory 1gb\n", "part.conf")
    outcome = run("check", tmp_path, "--server", "redis-7.2", "--format", "json")
    document = json.loads(outcome.out)
    assert [target["id"] for target in document["targets"]] == [str(main)]
    fatal = [finding for finding in document["findings"] if finding["fatal"]]
    assert [finding["location"]["path"] for finding in fatal] == [str(part)]
    both = json.loads(run("check", main, part, "--server", "redis-7.2", "--format", "json").out)
    assert len(both["targets"]) == 2


def test_list_files_says_what_would_be_checked(
    run: Run, conf: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    top = conf().parent
    conf("user default off\n", "users.acl")
    conf("server {\n}\n", "nginx.conf")
    monkeypatch.chdir(top)
    outcome = run("check", "--list-files")
    assert outcome.out == "redis-conf\tredis.conf\nacl-file\tusers.acl\n"
    assert outcome.code == 0


def test_acl_files_are_checked(run: Run, conf: Callable[..., Path]) -> None:
    path = conf("user default off\nuser app on >canary-secret +@nonsense\n", "users.acl")
    outcome = run("check", path, "--server", "redis-7.2")
    assert outcome.code == 1
    assert "users.acl:2:28" in outcome.out
    assert "canary" not in outcome.out
    assert run("check", path, "--server", "redis-5.0").code == 3


def test_quiet_prints_findings_alone(run: Run, conf: Callable[..., Path]) -> None:
    select = ("--select", "syntax", "--server", "redis-7.2", "--quiet")
    assert run("check", conf(), *select).out == ""
    bad = run("check", conf(BAD), *select).out
    assert "RL105" in bad
    assert "against" not in bad


def test_a_newer_server_than_known_is_said(run: Run, conf: Callable[..., Path]) -> None:
    outcome = run("check", conf(), "--server", "redis-99.1", "--select", "syntax")
    assert outcome.code == 0
    assert "redis-99.1 is newer than" in outcome.err


def test_the_python_api_is_the_command(conf: Callable[..., Path]) -> None:
    import redislint

    report = redislint.check([conf(BAD)], server="redis-7.2", select=["syntax"])
    assert [finding.rule for finding in report.findings] == ["RL105"]
    assert report.to_dict()["summary"]["by_severity"]["error"] == 1
    assert list(report.rules) == ["RL105"]

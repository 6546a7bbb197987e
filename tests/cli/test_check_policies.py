"""`redislint check` with policies: profiles, workloads, redislint.yaml, waivers, baseline."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

Run = Callable[..., Any]

ON_7_2 = ("--server", "redis-7.2")
NO_FSYNC = "appendonly yes\nappendfsync no\n"
"""RL207 on line 2."""

CANARY = "Canary7531pass"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "redis.conf").write_text(NO_FSYNC)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checked(run: Run, *args: str | Path, code: int | None = None) -> dict[str, Any]:
    outcome = run("check", *args, "--format", "json")
    assert code is None or outcome.code == code, outcome.err
    document: dict[str, Any] = json.loads(outcome.out)
    return document


def found(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {finding["rule"]: finding for finding in document["findings"]}


def test_a_policy_finding_has_place_excerpt_and_fix(run: Run, folder: Path) -> None:
    finding = found(checked(run, "redis.conf", *ON_7_2, "--workload", "queue", code=1))["RL207"]
    assert finding["name"] == "appendfsync-no"
    assert (finding["location"]["line"], finding["location"]["column"]) == (2, 13)
    assert finding["excerpt"]["text"] == "appendfsync no"
    assert finding["directives"] == ["appendfsync"]
    assert finding["versions"] is None
    assert finding["fatal"] is False
    assert finding["fix"]["safety"] == "unsafe"
    assert finding["fix"]["edits"][0]["location"]["path"] == "redis.conf"


def test_the_workload_decides(run: Run, folder: Path) -> None:
    (folder / "redis.conf").write_text("appendonly yes\nappendfsync everysec\nmaxmemory 1gb\n")
    ledger = found(checked(run, "redis.conf", *ON_7_2, "--workload", "ledger", code=1))
    assert ledger["RL209"]["severity"] == "error"
    assert "RL209" not in found(checked(run, "redis.conf", *ON_7_2, "--workload", "queue"))


def test_of_several_workloads_the_strictest_counts(run: Run, folder: Path) -> None:
    for words in (("queue,ledger",), ("queue", "--workload", "ledger")):
        document = checked(run, "redis.conf", *ON_7_2, "--workload", *words)
        assert "RL209" in found(document)
        assert document["targets"][0]["workload"] == "queue,ledger"


def test_a_pragma_declares_workload_objectives_and_environment(run: Run, folder: Path) -> None:
    conf = "# redislint: engine=redis version=7.2 workload=analytics rpo=1s\nsave 3600 1\n"
    (folder / "redis.conf").write_text(conf)
    document = checked(run, "redis.conf", code=1)
    assert found(document)["RL203"]["severity"] == "error"
    assert document["targets"][0]["workload"] == "analytics"
    (folder / "redis.conf").write_text(conf.replace("rpo=1s", "rpo=1s environment=test"))
    assert found(checked(run, "redis.conf"))["RL203"]["severity"] == "warning"


def test_a_wrong_workload_is_named(run: Run, folder: Path) -> None:
    outcome = run("check", "redis.conf", "--workload", "ledgr")
    assert (outcome.code, outcome.out) == (2, "")
    assert "unknown workload 'ledgr'" in outcome.err
    assert "did you mean 'ledger'?" in outcome.err
    (folder / "redis.conf").write_text("# redislint: workload=ledgr\n" + NO_FSYNC)
    document = checked(run, "redis.conf", *ON_7_2, code=3)
    [error] = document["errors"]
    assert error["stage"] == "pragma"
    assert "did you mean 'ledger'?" in error["message"]


@pytest.mark.parametrize("profile", ["minimal", "recommended", "strict"])
def test_each_profile_contains_the_one_before(run: Run, folder: Path, profile: str) -> None:
    def evaluated(name: str) -> int:
        document = checked(run, "redis.conf", *ON_7_2, "--profile", name)
        return sum(document["targets"][0]["outcomes"].values())

    assert 0 < evaluated("minimal") <= evaluated(profile) <= evaluated("strict")


def test_recommended_is_the_default(run: Run, folder: Path) -> None:
    default = run("check", "redis.conf", *ON_7_2, "--format", "json")
    assert (
        default.out
        == run("check", "redis.conf", *ON_7_2, "--profile", "recommended", "--format", "json").out
    )


def test_a_wrong_profile_is_named(run: Run, folder: Path) -> None:
    outcome = run("check", "redis.conf", "--profile", "strickt")
    assert outcome.code == 2
    assert outcome.err.strip().endswith("; did you mean 'strict'?")


@pytest.mark.parametrize("words", ["RL207", "appendfsync-no", "persistence", "RL2,RL1"])
def test_select_and_ignore_take_ids_names_tags_and_beginnings(
    run: Run, folder: Path, words: str
) -> None:
    chosen = found(checked(run, "redis.conf", *ON_7_2, "--select", words))
    assert "RL207" in chosen
    assert not any(rule.startswith("RL3") for rule in chosen)
    assert "RL207" not in found(checked(run, "redis.conf", *ON_7_2, "--ignore", words))


def test_fail_on_and_severity_by_project(run: Run, folder: Path) -> None:
    select = ("--select", "RL207")
    severity = found(checked(run, ".", *ON_7_2, *select, code=1))["RL207"]["severity"]
    assert severity in ("warning", "error")
    (folder / "redislint.yaml").write_text("severity: {RL207: info}\n")
    assert found(checked(run, ".", *ON_7_2, *select, code=0))["RL207"]["severity"] == "info"
    assert run("check", ".", *ON_7_2, *select, "--fail-on", "info").code == 1
    (folder / "redislint.yaml").write_text("severity: {RL207: 'off'}\n")
    assert found(checked(run, ".", *ON_7_2, code=None)).get("RL207") is None
    (folder / "redislint.yaml").write_text("severity: {RL207: info}\nfail-on: info\n")
    assert run("check", ".", *ON_7_2, *select).code == 1
    assert run("check", ".", *ON_7_2, *select, "--fail-on", "error").code == 0


def test_unknown_outcomes_name_facts_and_how_to_supply_them(
    run: Run, folder: Path, root: Path
) -> None:
    document = checked(run, "redis.conf", *ON_7_2, "--profile", "strict", "--workload", "queue")
    assert document["unknown"]
    assert document["targets"][0]["outcomes"]["unknown"] == len(document["unknown"])
    assert all(entry["missing"] for entry in document["unknown"])
    schema = json.loads((root / "schemas" / "report.schema.json").read_text())
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(document)) == []
    strict = ("--profile", "strict", "--workload", "queue")
    text = run("check", "redis.conf", *ON_7_2, *strict, "--show", "unknown").out
    assert f"unknown: {document['unknown'][0]['rule']}" in text
    passing = run("check", "redis.conf", *ON_7_2, "--show", "pass,not-applicable").out
    assert "pass: RL2" in passing
    assert "not-applicable: RL" in passing


def test_unknown_fails_only_when_asked_for(run: Run, folder: Path) -> None:
    only = [entry["rule"] for entry in checked(run, ".", *ON_7_2, "--profile", "strict")["unknown"]]
    args = ("check", ".", *ON_7_2, "--select", ",".join(only), "--fail-on", "error")
    assert run(*args).code == 0
    assert run(*args, "--fail-on-unknown").code == 1
    (folder / "redislint.yaml").write_text("fail-on-unknown: true\n")
    assert run(*args).code == 1


def test_without_a_server_the_newest_that_accepts_judges(run: Run, folder: Path) -> None:
    (folder / "redis.conf").write_text(NO_FSYNC)
    document = checked(run, "redis.conf")
    [target] = document["targets"]
    assert target["server"] == {"engine": "redis", "version": "8.6", "assumed": True}
    assert found(document)["RL207"]["versions"] is None
    # Redis 7.0 does not know gopher-enabled any more.
    (folder / "redis.conf").write_text(NO_FSYNC + "gopher-enabled no\n")
    document = checked(run, "redis.conf")
    assert document["targets"][0]["server"]["version"] == "6.2"
    assert found(document)["RL207"]["versions"] is None


def test_several_servers_judge_each_for_itself(run: Run, folder: Path) -> None:
    (folder / "redis.conf").write_text("appendonly yes\nauto-aof-rewrite-percentage 0\n")
    servers = ("--server", "redis-6.2", "--server", "valkey-8.1")
    document = checked(run, "redis.conf", *servers, "--profile", "strict", "--workload", "queue")
    both = [f for f in document["findings"] if f["rule"].startswith("RL2")]
    assert len({(f["rule"], str(f["location"])) for f in both}) == len(both)
    assert any(finding["versions"] is None for finding in both)
    total = sum(document["targets"][0]["outcomes"].values())
    single = checked(run, "redis.conf", *ON_7_2, "--profile", "strict", "--workload", "queue")
    assert total == sum(single["targets"][0]["outcomes"].values())


def test_persistence_and_score_in_json(run: Run, folder: Path) -> None:
    [target] = checked(run, "redis.conf", *ON_7_2)["targets"]
    assert target["persistence"]["mode"].startswith("hybrid")
    assert set(target["persistence"]["loss_window_s"]) == {"process_crash", "host_crash"}
    assert 0 <= target["score"] <= 100
    assert 0 < target["coverage"] <= 1
    (folder / "redis.conf").write_text("user default on nopass ~* +@all\n" * 2)
    [broken] = checked(run, "redis.conf", *ON_7_2, "--select", "syntax")["targets"]
    assert broken["score"] is None
    assert broken["coverage"] is None


def test_verbose_says_what_a_crash_costs(run: Run, folder: Path) -> None:
    out = run("check", "redis.conf", *ON_7_2, "--verbose").out
    assert "redis.conf: hybrid AOF" in out
    assert "a crash of the host costs" in out
    assert "a crash of the host costs" not in run("check", "redis.conf", *ON_7_2).out


# --- redislint.yaml ---------------------------------------------------------------------


def test_the_configuration_is_found_upwards_from_the_file(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = folder / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "ledger.conf").write_text("appendonly yes\n")
    (folder / "redislint.yaml").write_text(
        "server: [redis-7.2]\nfiles: [{path: '**/ledger*.conf', workload: ledger}]\n"
    )
    monkeypatch.chdir("/")
    document = checked(run, folder / "a" / "b" / "ledger.conf", code=1)
    assert "RL209" in found(document)
    [target] = document["targets"]
    assert target["workload"] == "ledger"
    assert target["server"] == {"engine": "redis", "version": "7.2", "assumed": False}


def test_each_file_belongs_to_its_own_project(run: Run, folder: Path) -> None:
    for name, workload in (("one", "ledger"), ("two", "cache")):
        (folder / name).mkdir()
        (folder / name / "redis.conf").write_text("appendonly yes\n")
        (folder / name / "redislint.yaml").write_text(f"workload: {workload}\n")
    document = checked(run, "one", "two", *ON_7_2)
    assert {t["id"]: t["workload"] for t in document["targets"]} == {
        "one/redis.conf": "ledger",
        "two/redis.conf": "cache",
    }
    (folder / "other.yaml").write_text("workload: queue\n")
    document = checked(run, "one", "two", *ON_7_2, "--config", "other.yaml")
    assert {t["workload"] for t in document["targets"]} == {"queue"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("profil: strict\n", "redislint.yaml:1:1: "),
        ("select: [RL2O7]\n", "redislint.yaml:1:10: "),
        ("files: [{path: 'a', workload: ledgr}]\n", "redislint.yaml: 'workload': unknown"),
        ("server: redis-1.0\n", "redislint.yaml: 'server': redis-1.0 is not known"),
        ("{", "redislint.yaml:"),
        ("severity: {RL207: grave}\n", "redislint.yaml:1:"),
        ("policies: [nowhere.yaml]\n", "redislint.yaml:1:"),
        ("extends: redislint.yaml\n", "redislint.yaml:1:"),
    ],
)
def test_a_broken_configuration_is_2_with_a_place(
    run: Run, folder: Path, text: str, message: str
) -> None:
    (folder / "redislint.yaml").write_text(text)
    outcome = run("check", "redis.conf")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"redislint: {message}"), outcome.err
    assert "Traceback" not in outcome.err


def test_a_broken_configuration_counts_where_there_is_nothing_to_check(
    run: Run, folder: Path
) -> None:
    (folder / "redis.conf").unlink()
    (folder / "redislint.yaml").write_text("profil: strict\n")
    assert run("check").code == 2
    assert run("check", "--config", "nowhere.yaml").code == 2


OWN = """\
rules:
  - id: TEAM-1
    name: no-tcp
    severity: warning
    summary: only sockets
    require: config["port"] == params.port
    params: {port: 0}
    at: [port]
    message: port {config["port"]} is open
    help: Sockets only.
    examples:
      - fails: port 6379
      - passes: port 0
"""


def test_own_policies_by_option_and_by_project(run: Run, folder: Path) -> None:
    (folder / "rules").mkdir()
    (folder / "rules" / "team.yaml").write_text(OWN)
    for path in ("rules", "rules/team.yaml"):
        finding = found(checked(run, "redis.conf", *ON_7_2, "--policy", path))["TEAM-1"]
        assert finding["message"] == "port 6379 is open"
        assert finding["name"] == "no-tcp"
    (folder / "redislint.yaml").write_text("policies: [rules]\nparams: {no-tcp: {port: 6379}}\n")
    assert "TEAM-1" not in found(checked(run, "redis.conf", *ON_7_2))
    (folder / "rules" / "team.yaml").write_text(OWN.replace("params.port", "parms.port"))
    outcome = run("check", "redis.conf")
    assert outcome.code == 2
    assert outcome.err.startswith("redislint: rules/team.yaml:6:"), outcome.err
    assert run("check", "redis.conf", "--policy", "nowhere.yaml").code == 2


def test_a_rule_that_cannot_be_evaluated_is_incomplete(run: Run, folder: Path) -> None:
    (folder / "team.yaml").write_text(OWN.replace("== params.port", "/ params.port > 1"))
    document = checked(run, "redis.conf", *ON_7_2, "--policy", "team.yaml", code=3)
    [error] = document["errors"]
    assert (error["target"], error["stage"]) == ("redis.conf", "policy")
    assert error["message"].startswith("TEAM-1 no-tcp (team.yaml:2): ")
    assert document["targets"][0]["outcomes"]["error"] == 1
    assert document["summary"]["complete"] is False


# --- waivers ------------------------------------------------------------------------------

WAIVED = (
    "appendonly yes\n"
    '# redislint: disable-next-line=RL207 reason="rebuilt from the log"{more}\n'
    "appendfsync no\n"
)
SELECT = ("--select", "RL207,waivers")


def test_a_waived_finding_stays_in_reports_and_does_not_fail(run: Run, folder: Path) -> None:
    (folder / "redis.conf").write_text(WAIVED.format(more=" owner=ops"))
    finding = found(checked(run, "redis.conf", *ON_7_2, *SELECT, code=0))["RL207"]
    assert finding["waiver"] == {
        "reason": "rebuilt from the log",
        "owner": "ops",
        "until": "",
        "source": "redis.conf:2",
    }
    text = run("check", "redis.conf", *ON_7_2, *SELECT).out
    assert "RL207" not in text
    assert "1 waived" in text
    assert "waived: rebuilt" in run("check", "redis.conf", *ON_7_2, *SELECT, "--show", "waived").out
    args = ("--format", "sarif", "--show", "waived")
    sarif = json.loads(run("check", "redis.conf", *ON_7_2, *SELECT, *args).out)
    [result] = sarif["runs"][0]["results"]
    assert result["suppressions"][0]["justification"].startswith("rebuilt from the log")
    assert run("check", "redis.conf", *ON_7_2, *SELECT, "--no-waivers").code == 1


@pytest.mark.parametrize(
    ("text", "rule", "waived"),
    [
        (WAIVED.format(more=" until=2020-01-31"), "RL010", False),
        (WAIVED.format(more=" until=2999-01-31"), None, True),
        (WAIVED.format(more="").replace("fsync no", "fsync always"), "RL011", None),
        (WAIVED.format(more="").replace(' reason="rebuilt from the log"', ""), "RL012", False),
        (WAIVED.format(more="").replace("=RL207", "=RL2007"), "RL014", False),
        (WAIVED.format(more="").replace("=RL207", "=RL207,RL011"), "RL013", True),
        (WAIVED.format(more="").replace("-next-line=RL207", "=RL010"), "RL013", False),
    ],
)
def test_what_is_wrong_with_a_waiver_is_a_finding(
    run: Run, folder: Path, text: str, rule: str | None, waived: bool | None
) -> None:
    (folder / "redis.conf").write_text(text)
    document = checked(run, "redis.conf", *ON_7_2, *SELECT)
    assert document["errors"] == []
    rules = found(document)
    about = {name for name in rules if name.startswith("RL01")}
    assert about == ({rule} if rule else set())
    if waived is not None:
        assert (rules["RL207"]["waiver"] is not None) is waived
    for name in about:
        assert rules[name]["location"]["line"] == 2
        assert rules[name]["excerpt"]["text"].startswith("# redislint: disable")
        assert rules[name]["target"] == "redis.conf"


def test_central_waivers(run: Run, folder: Path) -> None:
    (folder / "redislint.yaml").write_text(
        "waivers:\n"
        "  - {rule: appendfsync-no, path: 'redis.conf', reason: measured, owner: ops}\n"
        "  - {rule: RL207, path: 'other.conf', reason: gone}\n"
        "  - {rule: RL321, reason: never found}\n"
    )
    (folder / "other.conf").write_text("port 6379\nappendonly yes\nappendfsync everysec\n")
    document = checked(run, "redis.conf", "other.conf", *ON_7_2, "--select", "RL207,RL321,waivers")
    rules = found(document)
    assert rules["RL207"]["waiver"]["source"] == "redislint.yaml:2"
    unused = [f for f in document["findings"] if f["rule"] == "RL011"]
    assert [f["location"]["path"] for f in unused] == ["redislint.yaml"] * 2
    assert [f["location"]["line"] for f in unused] == [3, 4]
    assert len({f["fingerprint"] for f in document["findings"]}) == len(document["findings"])


def test_a_waiver_in_an_included_file_counts(run: Run, folder: Path) -> None:
    (folder / "part.conf").write_text(WAIVED.format(more=""))
    (folder / "redis.conf").write_text("include part.conf\n")
    rules = found(checked(run, "redis.conf", *ON_7_2, *SELECT, code=0))
    assert rules["RL207"]["waiver"]["source"] == "part.conf:2"


# --- baseline -----------------------------------------------------------------------------


def test_a_baseline_shows_what_is_new(run: Run, folder: Path) -> None:
    args = ("check", "redis.conf", *ON_7_2, "--baseline", "known.json")
    outcome = run(*args)
    assert outcome.code == 2
    assert "--update-baseline" in outcome.err
    assert run(*args, "--update-baseline").code == 0
    assert run(*args).code == 0
    assert "in the baseline" in run(*args).out
    (folder / "redis.conf").write_text("\n\n" + NO_FSYNC + "maxmmory 1gb\n")
    document = checked(run, *args[1:], code=1)
    states = {f["rule"]: f["baseline"] for f in document["findings"]}
    assert states["RL207"] == "known"
    assert states["RL101"] == "new"
    (folder / "redislint.yaml").write_text("baseline: known.json\n")
    assert found(checked(run, "redis.conf", *ON_7_2, code=1))["RL207"]["baseline"] == "known"


def test_a_baseline_keeps_what_a_run_did_not_look_at(run: Run, folder: Path) -> None:
    args = ("check", "redis.conf", *ON_7_2, "--baseline", "known.json")
    assert run(*args, "--update-baseline").code == 0
    before = json.loads((folder / "known.json").read_text())["findings"]
    assert run(*args, "--select", "RL3", "--update-baseline").code == 0
    after = json.loads((folder / "known.json").read_text())["findings"]
    assert sorted(map(str, before)) == sorted(map(str, after))


def test_an_incomplete_run_writes_no_baseline(run: Run, folder: Path) -> None:
    (folder / "bad.conf").mkdir()
    (folder / "redis.conf").write_text("# redislint: workload=nothing\n" + NO_FSYNC)
    outcome = run("check", "redis.conf", "--baseline", "known.json", "--update-baseline")
    assert outcome.code == 3
    assert "the run is incomplete" in outcome.err
    assert not (folder / "known.json").exists()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"schema": "redislint-baseline-1"}', "\0\xff"])
def test_a_broken_baseline_is_2(run: Run, folder: Path, text: str) -> None:
    (folder / "known.json").write_bytes(text.encode("latin-1"))
    outcome = run("check", "redis.conf", "--baseline", "known.json")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("redislint: known.json")


# --- secrets ------------------------------------------------------------------------------


def test_no_secret_leaves_through_policies(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = folder / "cache"
    monkeypatch.setenv("REDISLINT_CACHE_DIR", str(cache))
    (folder / "redis.conf").write_text(
        f"requirepass {CANARY}\nmasterauth {CANARY}\nmasteruser {CANARY}\n"
        f"user bob on >{CANARY} ~* +@all\nuser carl on #{CANARY}\n"
        f"loadmodule /m.so PASSWORD {CANARY}\ntls-key-file-pass {CANARY}\n"
        f"include part.conf\nmaxmemory 1mb\n"
    )
    (folder / "part.conf").write_text(f"masterauth {CANARY}\nappendonly yes\nappendfsync no\n")
    (folder / "team.yaml").write_text(
        OWN.replace('{config["port"]}', '{config["loadmodule"]}').replace("== params.port", "== 1")
    )
    common = ("redis.conf", "--workload", "ledger", "--policy", "team.yaml")
    for format_ in ("text", "json", "sarif", "markdown", "junit", "github", "gitlab", "concise"):
        outcome = run("check", *common, "--profile", "strict", "--format", format_, "--verbose")
        assert outcome.code in (1, 3), outcome.err
        assert CANARY not in outcome.out + outcome.err
    facts = run("facts", "redis.conf", "--all", "--format", "json")
    assert CANARY not in facts.out + facts.err
    baseline = ("--baseline", "known.json", "--update-baseline")
    assert CANARY not in run("check", *common, *baseline).err
    for file in [folder / "known.json", *cache.rglob("*")]:
        assert not file.is_file() or CANARY.encode() not in file.read_bytes()


# --- text -----------------------------------------------------------------------------------


def test_many_infos_of_one_rule_are_shown_as_one(run: Run, folder: Path) -> None:
    old = ("slave-read-only yes", "slave-priority 9", "slave-serve-stale-data yes")
    several = [*old, "slave-announce-port 1", "port 1"]
    (folder / "redis.conf").write_text("\n".join(several) + "\n")
    args = ("check", "redis.conf", *ON_7_2, "--select", "RL114")
    out = run(*args).out
    assert out.count("[RL114]") == 1
    assert "3 more of this rule, on lines 2, 3, 4 (--verbose shows them)" in out
    assert "4 infos" in out
    assert run(*args, "--verbose").out.count("[RL114]") == 4
    (folder / "redis.conf").write_text("\n".join(old) + "\n")
    assert run(*args).out.count("[RL114]") == 3


def test_problems_of_policies_stand_on_lines_of_their_own(run: Run, folder: Path) -> None:
    (folder / "redislint.yaml").write_text("profil: strict\nselekt: [RL2]\n")
    lines = run("check", "redis.conf").err.splitlines()
    assert [line.split(" ")[1] for line in lines] == ["redislint.yaml:1:1:", "redislint.yaml:2:1:"]

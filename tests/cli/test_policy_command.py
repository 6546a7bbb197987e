from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from redislint.cli.errors import guarded
from redislint.cli.group import cli

EXAMPLE = (Path(__file__).parent.parent / "policy" / "example.yaml").read_text()


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "team.yaml"
    path.write_text(EXAMPLE)
    return path


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    code = guarded(cli, args)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_validate(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "policy", "validate", "team.yaml") == (0, "2 rules in 1 file: valid\n", "")


def test_the_project_names_its_policies(
    example: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a PATH the files count that redislint.yaml names, from a folder below too."""
    (example.parent / "redislint.yaml").write_text("policies: [team.yaml]\n")
    (example.parent / "below").mkdir()
    monkeypatch.chdir(example.parent / "below")
    assert run(capsys, "policy", "validate") == (0, "2 rules in 1 file: valid\n", "")
    (example.parent / "redislint.yaml").write_text("polices: [team.yaml]\n")
    code, out, err = run(capsys, "policy", "validate")
    assert (code, out) == (2, "")
    assert "redislint.yaml:1:1: " in err
    assert "did you mean 'policies'?" in err


def test_the_built_in_policies_are_valid(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "policy", "validate")
    assert (code, err) == (0, "")
    assert out.endswith(": valid\n")


def test_every_example_of_the_built_in_rules_holds(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "policy", "test")
    assert (code, err) == (0, ""), out


def test_a_mistake(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    example.write_text(EXAMPLE.replace('config["appendfsync"] in', 'config["apendfsync"] in'))
    code, out, err = run(capsys, "policy", "validate", "team.yaml")
    assert (code, out) == (2, "")
    assert err == (
        "redislint: team.yaml:12:14: 'require': unknown directive 'apendfsync': no server knows"
        " it; did you mean 'appendfsync'?\n"
    )


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.yaml", None, "none.yaml: cannot be read: No such file or directory"),
        ("binary.yaml", b"\x7fELF\x00\xff", "binary.yaml:1:6: is not UTF-8 text: expected a YAML"
         " file"),
        ("huge.yaml", b" " * (2_097_153), "huge.yaml: is larger than 2 MiB"),
        ("empty.yaml", b"", "empty.yaml: is empty: expected 'rules:' and a list of rules"),
        ("broken.yaml", b"rules: [", "broken.yaml:1:9: is not valid YAML: expected the node"
         " content, but found '<stream end>'"),
    ],
)  # fmt: skip
def test_files_that_are_no_policies(
    example: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: bytes | None,
    message: str,
) -> None:
    if content is not None:
        Path(name).write_bytes(content)
    for command in ("validate", "test"):
        code, out, err = run(capsys, "policy", command, name)
        assert (code, out, err) == (2, "", f"redislint: {message}\n")


def test_a_folder_without_policies(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("empty").mkdir()
    assert run(capsys, "policy", "validate", "empty") == (
        4, "", "redislint: empty: holds no policy file (*.yaml)\n",
    )  # fmt: skip


def test_examples_are_run(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "policy", "test", "team.yaml") == (
        0, "4 examples of 2 rules: 4 right, 0 wrong; 2 of 2 rules covered both ways\n", "",
    )  # fmt: skip


def test_an_example_that_is_wrong(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = EXAMPLE.replace("maxmemory 100mb", "maxmemory 2kb").replace("at: 2", "at: 1")
    example.write_text(text)
    code, out, _ = run(capsys, "policy", "test", "team.yaml")
    assert code == 1
    assert out.splitlines() == [
        "team.yaml:23: EX-1 appendfsync-weaker-than-workload, example 1 (fails): must be found on"
        " line 1, and was on 2",
        "team.yaml:49: EX-2 maxmemory-below-floor, example 2 (passes): must pass, and ended as fail"
        " on line 1: maxmemory is 2kb, less than 1mb",
        "team.yaml:33: no example of EX-2 ends as pass",
        "4 examples of 2 rules: 2 right, 2 wrong; 1 of 2 rules covered both ways",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("maxmemory 100mb", "maxmemroy 100mb", "must pass, and ended as error: redis-8.6 refuses"
         " line 1: "),
        ("given: {workload: ledger}", "given: {workload: legder}", "must fail, and ended as error:"
         " 'given': unknown workload 'legder'"),
        ("given: {workload: ledger}", "given: {server: mysql-8}", "'given': unknown server"),
        ("given: {workload: ledger}", "given: {host.memory_total: 5}", "must fail, and ended as"
         " not-applicable"),
    ],
)  # fmt: skip
def test_an_example_that_says_nonsense(
    example: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, message: str
) -> None:
    example.write_text(EXAMPLE.replace(old, new, 1))
    code, out, err = run(capsys, "policy", "test", "team.yaml")
    assert (code, err) == (1, "")
    assert message in out


def test_junit(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(
        capsys, "policy", "test", "team.yaml", "--format", "junit", "--output", "r.xml"
    )
    assert code == 0
    assert out == Path("r.xml").read_text()
    root = ET.fromstring(out)
    assert (root.get("tests"), root.get("failures")) == ("6", "0")


def test_own_workloads(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("w.yaml").write_text("workloads:\n  ledger: {appendfsync: [always, everysec]}\n")
    code, out, _ = run(capsys, "policy", "test", "team.yaml", "--workloads", "w.yaml")
    assert code == 1
    assert "must fail, and ended as pass" in out


def test_ids_of_built_in_rules_are_taken(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    example.write_text(EXAMPLE.replace("EX-1", "RL010"))
    code, _, err = run(capsys, "policy", "validate", "team.yaml")
    assert code == 2
    assert "'id' 'RL010' is already taken at policies/waivers.yaml:3" in err

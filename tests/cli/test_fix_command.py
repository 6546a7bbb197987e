"""check --fix, --unsafe-fixes and --diff: files, standard input, exit codes, secrets."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

SERVER = ("--server", "redis-7.2")


@pytest.fixture
def conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path / "redis.conf"


def check(run: Any, conf: Path, *options: str | Path) -> Any:
    return run("check", conf, *SERVER, "--select", "syntax", *options)


def test_fix_applies_what_is_safe_and_says_what_is_left(run: Any, conf: Path) -> None:
    conf.write_bytes(b"appendonly true\r\n# note\r\nmaxmemory 2g # two\r\n")
    got = check(run, conf, "--fix", "--fail-on", "info")
    assert conf.read_bytes() == b"appendonly yes\r\n# note\r\n# two\r\nmaxmemory 2g\r\n"
    assert got.err == "redislint: fixed 2 findings (1 need --unsafe-fixes)\n"
    assert "RL109" in got.out
    assert "RL105" not in got.out
    assert got.code == 1


def test_unsafe_fixes_imply_fix(run: Any, conf: Path) -> None:
    conf.write_bytes(b"maxmemory 2g\n")
    got = check(run, conf, "--unsafe-fixes")
    assert conf.read_bytes() == b"maxmemory 2gb\n"
    assert got.code == 0
    assert got.err == "redislint: fixed 1 finding\n"


def test_a_second_run_changes_nothing(run: Any, conf: Path) -> None:
    conf.write_bytes(
        b"appendonly true\nslave-read-only yes # x\nmaxmemory 2g\nsave 1 1\nsave 1 1\n"
    )
    check(run, conf, "--unsafe-fixes")
    first, moment = conf.read_bytes(), conf.stat().st_mtime_ns
    got = check(run, conf, "--unsafe-fixes")
    assert conf.read_bytes() == first
    assert conf.stat().st_mtime_ns == moment
    assert "fixed 0 findings" in got.err


@pytest.mark.parametrize("also", [(), ("--fix",)])
def test_diff_changes_nothing_and_exits_1(run: Any, conf: Path, also: tuple[str, ...]) -> None:
    conf.write_bytes(b"port 1\nappendonly true\nmaxmemory 2g")
    got = check(run, conf, "--diff", *also)
    assert conf.read_bytes() == b"port 1\nappendonly true\nmaxmemory 2g"
    assert got.out == (
        "--- a/redis.conf\n+++ b/redis.conf\n@@ -1,3 +1,3 @@\n port 1\n-appendonly true\n"
        "+appendonly yes\n maxmemory 2g\n\\ No newline at end of file\n"
    )
    assert got.err == "redislint: would fix 1 finding (1 need --unsafe-fixes)\n"
    assert got.code == 1


def test_diff_without_changes_exits_0(run: Any, conf: Path) -> None:
    conf.write_bytes(b"no-such-thing 1\n")
    got = check(run, conf, "--diff")
    assert (got.code, got.out) == (0, "")


def test_diff_of_a_missing_file_exits_3(run: Any, conf: Path) -> None:
    assert check(run, conf, "--diff").code == 3


def test_no_secret_stands_in_a_diff(run: Any, conf: Path) -> None:
    canary = "hunter2canary"
    conf.write_text(
        f"requirepass {canary}\nappendonly true\nmasterauth {canary} # {canary}\n"
        f"user app on >{canary} ~* +@all\nrequirepas {canary}\n"
        f"timeout 5 # password={canary}\nslaveof h 1\n"
    )
    for options in (("--diff", "--unsafe-fixes"), ("--unsafe-fixes", "--format", "json")):
        got = check(run, conf, *options)
        assert canary not in got.out + got.err
    assert canary in conf.read_text()


def test_standard_input_comes_out_fixed(run: Any, conf: Path) -> None:
    got = run("check", "-", *SERVER, "--fix", stdin=b"appendonly on\nport x\n")
    assert got.out == "appendonly yes\nport x\n"
    assert "RL1" in got.err
    assert got.code == 1


def test_standard_input_named_like_a_file_leaves_it(run: Any, conf: Path) -> None:
    conf.write_bytes(b"appendonly true\n")
    options = ("--stdin-filename", str(conf), "--fix")
    got = run("check", "-", *SERVER, *options, stdin=b"appendonly on\n")
    assert got.out == "appendonly yes\n"
    assert conf.read_bytes() == b"appendonly true\n"


def test_standard_input_that_needs_nothing_comes_out_as_it_is(run: Any, conf: Path) -> None:
    text = b"port 1\r\n\xff\x00 \n"
    got = run(
        "check", "-", *SERVER, "--select", "RL105", "--fix", "-q", stdin=b"port 1\r\n# \xc3\xa9"
    )
    assert got.out.encode() == b"port 1\r\n# \xc3\xa9"
    assert text not in got.out.encode()


def test_mode_and_symbolic_link_stay(run: Any, conf: Path) -> None:
    real = conf.with_name("real.conf")
    real.write_bytes(b"appendonly true\n")
    real.chmod(0o640)
    conf.symlink_to("real.conf")
    check(run, conf, "--fix")
    assert real.read_bytes() == b"appendonly yes\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert os.readlink(conf) == "real.conf"
    assert sorted(p.name for p in conf.parent.iterdir()) == [".git", "real.conf", "redis.conf"]


def test_a_read_only_file_is_left_and_said(run: Any, conf: Path) -> None:
    conf.write_bytes(b"appendonly true\n")
    conf.chmod(0o444)
    got = check(run, conf, "--fix")
    assert got.code == 3
    assert "redis.conf: not changed: the file is read-only" in got.out
    assert "RL105" in got.out
    assert "fixed 0 findings" in got.err
    assert conf.read_bytes() == b"appendonly true\n"


def test_an_included_file_is_changed_where_the_line_stands(run: Any, conf: Path) -> None:
    (conf.parent / "more.conf").write_bytes(b"appendonly true\n")
    conf.write_bytes(b"include more.conf\nport 1\n")
    check(run, conf, "--fix")
    assert (conf.parent / "more.conf").read_bytes() == b"appendonly yes\n"
    assert conf.read_bytes() == b"include more.conf\nport 1\n"


def test_from_a_folder_of_the_repository(
    run: Any, conf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = conf.parent / "below"
    below.mkdir()
    (below / "redis.conf").write_bytes(b"include more.conf\n")
    (below / "more.conf").write_bytes(b"appendonly true\n")
    monkeypatch.chdir(below)
    assert check(run, Path("redis.conf"), "--fix").code == 0
    assert (below / "more.conf").read_bytes() == b"appendonly yes\n"


def test_a_file_outside_of_the_repository_is_only_described(
    run: Any, conf: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("outside") / "more.conf"
    other.write_bytes(b"appendonly true\n")
    (conf.parent / "link.conf").symlink_to(other)
    conf.write_bytes(f"include {other}\ninclude link.conf\n".encode())
    got = check(run, conf, "--unsafe-fixes", "--allow-outside", "--format", "json")
    assert other.read_bytes() == b"appendonly true\n"
    fixes = [f["fix"] for f in json.loads(got.out)["findings"] if f["rule"] == "RL105"]
    assert fixes
    assert fixes[0]["edits"] == []
    assert str(other) in fixes[0]["description"]


def test_a_file_that_two_others_include_is_fixed_once(run: Any, conf: Path) -> None:
    for name in ("a.conf", "b.conf"):
        (conf.parent / name).write_bytes(b"include shared.conf\n")
    (conf.parent / "shared.conf").write_bytes(b"appendonly true # x\n")
    got = run("check", "a.conf", "b.conf", *SERVER, "--select", "syntax", "--fix")
    assert (conf.parent / "shared.conf").read_bytes() == b"# x\nappendonly yes\n"
    assert got.code == 0
    assert "fixed 2 findings" in got.err


def test_a_fix_that_a_server_would_refuse_is_left_out(run: Any, conf: Path) -> None:
    conf.write_bytes(b"bind 0.0.0.0\nmaxmemory 1gb\n")
    options = ("--server", "redis-7.2", "--server", "redis-6.2", "--unsafe-fixes")
    run("check", conf, *options, "--profile", "strict")
    text = conf.read_text()
    assert "maxmemory-clients" not in text


def test_a_waiver_does_not_slip_to_the_next_line(run: Any, conf: Path) -> None:
    text = (
        b"timeout 9\n"
        b'# redislint: disable-next-line=RL109 reason="measured"\n'
        b"maxmemory 1g\nmaxmemory 2g\n"
    )
    conf.write_bytes(text)
    got = run("check", conf, *SERVER, "--select", "RL110,RL109", "--fix")
    assert conf.read_bytes() == text
    assert "RL110 is not fixed: a comment that silences rules" in got.err


def test_waived_findings_are_not_fixed(run: Any, conf: Path) -> None:
    text = b'# redislint: disable-next-line=RL109 reason="measured"\nmaxmemory 1g\n'
    conf.write_bytes(text)
    check(run, conf, "--unsafe-fixes")
    assert conf.read_bytes() == text


def test_policies_are_fixed(run: Any, conf: Path) -> None:
    conf.write_bytes(b"# data\nappendonly yes\nappendfsync no\n\nsave 3600 1\n")
    options = (*SERVER, "--workload", "ledger", "--select", "RL209")
    run("check", conf, *options, "--fix")
    assert b"appendfsync no" in conf.read_bytes()
    got = run("check", conf, *options, "--unsafe-fixes")
    assert conf.read_bytes() == b"# data\nappendonly yes\nappendfsync always\n\nsave 3600 1\n"
    assert got.code == 0


def test_a_server_is_written_down_where_that_is_asked_for(run: Any, conf: Path) -> None:
    conf.write_bytes(b"port 1\r\n")
    check(run, conf, "--fix")
    assert conf.read_bytes() == b"port 1\r\n"
    got = run("check", conf, *SERVER, "--select", "RL003", "--fix")
    assert conf.read_bytes() == b"# redislint: engine=redis version=7.2\r\nport 1\r\n"
    assert "fixed 1 finding" in got.err
    run("check", conf, *SERVER, "--select", "RL003", "--fix")
    assert conf.read_bytes() == b"# redislint: engine=redis version=7.2\r\nport 1\r\n"


def test_text_report_marks_what_can_be_mended(run: Any, conf: Path) -> None:
    conf.write_bytes(b"appendonly true\nmaxmemory 2g\n")
    out = check(run, conf, "--no-color").out
    assert [line.endswith("[*]") for line in out.splitlines() if "[RL1" in line] == [True, False]
    assert "[*] can be mended: 1 with --fix, 1 with --unsafe-fixes; --diff shows how" in out


def test_json_holds_edits(run: Any, conf: Path) -> None:
    conf.write_bytes("# é\nappendonly on\n".encode())
    (finding,) = json.loads(check(run, conf, "--format", "json").out)["findings"]
    assert finding["fix"] == {
        "description": "write 'yes'",
        "safety": "safe",
        "edits": [
            {
                "location": {
                    "path": "redis.conf", "line": 2, "column": 12, "end_line": 2, "end_column": 14
                },
                "start_byte": 16,
                "end_byte": 18,
                "replacement": "yes",
            }
        ],
    }  # fmt: skip


def test_old_names_stay_where_a_server_does_not_know_the_new_one(run: Any, conf: Path) -> None:
    conf.write_bytes(b"slave-read-only yes\n")
    both = ("--server", "redis-4.0", "--server", "redis-7.2", "--select", "RL114")
    run("check", conf, *both, "--unsafe-fixes")
    assert conf.read_bytes() == b"slave-read-only yes\n"
    run("check", conf, *SERVER, "--select", "RL114", "--fix")
    assert conf.read_bytes() == b"replica-read-only yes\n"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("-", "redis.conf", "--fix"), "only target"),
        (("redis.conf", "--fix", "--update-baseline"), "--update-baseline"),
    ],
)
def test_wrong_usage_is_one_line(run: Any, conf: Path, args: tuple[str, ...], words: str) -> None:
    conf.write_bytes(b"port 1\n")
    got = run("check", *args)
    assert got.code == 2
    assert words in got.err
    assert got.err.count("\n") == 1


def test_many_files_that_need_the_same_lines(run: Any, conf: Path) -> None:
    for number in range(15):
        (conf.parent / f"redis-{number}.conf").write_bytes(b'port 1\nsave ""\n')
    options = (*SERVER, "--workload", "ledger", "--select", "RL209,RL201", "--unsafe-fixes")
    got = run("check", ".", *options)
    assert "not fixed" not in got.err
    for number in range(15):
        text = (conf.parent / f"redis-{number}.conf").read_bytes()
        assert text.startswith(b'port 1\nsave ""\nappendonly yes\n')
        assert text.count(b"appendonly") == 1

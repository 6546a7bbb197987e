"""Fixes, pragmas and waivers in the files that embed a configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

import redislint
from redislint.cli.errors import guarded
from redislint.cli.group import cli

CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: redis
data:
  redis.conf: |
    # redislint: disable-next-line=RL212 reason="the disk is watched"
    stop-writes-on-bgsave-error no
    appendonly Yes please
    slave-read-only yes
    maxmemory 1gib
"""


def write(path: Path, text: str) -> Path:
    (path / ".git").mkdir(exist_ok=True)
    path = path / "redis.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def fixed(path: Path, *options: str) -> str:
    arguments = ["check", str(path), "--server", "redis-7.2", "--fix", *options]
    guarded(cli, arguments)
    return path.read_text(encoding="utf-8")


def test_a_literal_block_is_mended_in_place(tmp_path: Path) -> None:
    path = write(tmp_path, CONFIG_MAP.replace("Yes please", "YES!").replace("YES!", "true"))
    expected = path.read_text().replace("appendonly true", "appendonly yes")
    expected = expected.replace("slave-read-only", "replica-read-only").replace("1gib", "1gb")
    assert fixed(path) == expected


COMPOSE = "services:\n  a:\n    image: redis:7.2\n    command: "


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("redis-server --appendonly true", "redis-server --appendonly yes"),
        ("--appendonly true", "--appendonly yes"),
        ("\"redis-server --appendonly 'true'\"", "\"redis-server --appendonly 'yes'\""),
        ("[--appendonly, 'true']", "[--appendonly, 'yes']"),
        ('["--appendonly", "true"]', '["--appendonly", "yes"]'),
        ("[--appendonly, true]", '[--appendonly, "yes"]'),
        ("\n      - --appendonly\n      - true # on", '\n      - --appendonly\n      - "yes" # on'),
        ("['--appendonly true']", "['--appendonly yes']"),
        (
            "\n    - redis-server\n    - --maxmemory 1gib",
            "\n    - redis-server\n    - --maxmemory 1gb",
        ),
        (
            ">-\n      redis-server\n      --appendonly true",
            ">-\n      redis-server\n      --appendonly yes",
        ),
        (
            "sh -c 'exec redis-server --appendonly true'",
            "sh -c 'exec redis-server --appendonly yes'",
        ),
        ("[redis-server, --slave-read-only, 'yes']", "[redis-server, --replica-read-only, 'yes']"),
    ],
)
def test_words_of_a_command_are_mended_in_place(tmp_path: Path, before: str, after: str) -> None:
    path = write(tmp_path, COMPOSE + before + "\n")
    assert fixed(path) == COMPOSE + after + "\n"


QUOTED = 'apiVersion: v1\nkind: ConfigMap\ndata:\n  redis.conf: "port 1\\nappendonly true\\n"\n'


@pytest.mark.parametrize("text", [CONFIG_MAP.replace("redis.conf: |", "redis.conf: >"), QUOTED])
def test_a_block_that_makes_one_line_of_all_and_a_text_in_quotes(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, text)
    expected = text.replace("true", "yes") if text is QUOTED else text
    assert fixed(path) == expected


def test_a_template_is_mended_in_place(tmp_path: Path) -> None:
    path = tmp_path / "redis.conf.j2"
    path.write_text("port {{ port }}\n{% if x %}\nappendonly true\n{% endif %}\n")
    assert fixed(path).splitlines()[2] == "appendonly yes"


def test_a_waiver_within_a_block(tmp_path: Path) -> None:
    report = redislint.check([write(tmp_path, CONFIG_MAP)], server="redis-7.2")
    (finding,) = [one for one in report.findings if one.rule == "RL212"]
    assert finding.waiver is not None
    assert finding.waiver.reason == "the disk is watched"


def test_pragmas_in_the_comments_of_the_host(tmp_path: Path) -> None:
    text = (
        "# redislint: workload=queue environment=production\n"
        "services:\n  a:\n    image: redis:7.2\n    command:\n      - redis-server\n"
        '      # redislint: disable-next-line=RL212 reason="known"\n'
        "      - --stop-writes-on-bgsave-error no\n      - --save 60 1\n"
    )
    report = redislint.check([write(tmp_path, text)])
    assert report.targets[0].workload == "queue"
    waived = [one.rule for one in report.findings if one.waiver is not None]
    assert waived == ["RL212"]


SHARED = """\
services:
  jobs:
    # redislint: workload=queue
    image: redis:7.2
    command: &command [redis-server, --appendonly, "no", --save, "", --maxmemory, 1gb]
  pages:
    # redislint: workload={other}
    image: redis:7.2
    command: *command
"""


@pytest.mark.parametrize("other", ["queue", "cache"])
def test_a_text_that_another_server_reads_too(
    tmp_path: Path, other: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = SHARED.format(other=other)
    path = write(tmp_path, text)
    changed = fixed(path, "--unsafe-fixes", "--select", "RL201")
    assert (changed != text) == (other == "queue")
    refused = "redis.yaml#services.pages would change" in capsys.readouterr().err
    assert refused == (other == "cache")


DEFAULTS = "set save 3600 1 300 100 60 10000"
IN_QUOTES = (
    'apiVersion: v1\nkind: ConfigMap\ndata:\n  redis.conf: "port 1\\nsave \\"\\"\\ndir /x"\n'
)


@pytest.mark.parametrize(
    ("rule", "text", "said"),
    [
        ("RL205", "services:\n  a:\n    image: redis:7.2\n", DEFAULTS),
        ("RL205", "FROM redis:7.2\n", DEFAULTS),
        ("RL201", COMPOSE + '"redis-server --save \\"\\""\n', "set appendonly yes"),
        ("RL201", IN_QUOTES, "set appendonly yes"),
    ],
)
def test_what_cannot_be_written_is_said(
    tmp_path: Path, rule: str, text: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".git").mkdir()
    path = tmp_path / ("Dockerfile" if text.startswith("FROM") else "redis.yaml")
    path.write_text(f"# redislint: workload=queue\n{text}", encoding="utf-8")
    before = path.read_text(encoding="utf-8")
    assert fixed(path, "--unsafe-fixes", "--select", rule) == before
    shown = capsys.readouterr().out.replace("fix (changes behaviour)", "fix")
    assert f"= fix: {said}" in shown
    report = redislint.check([path], server="redis-7.2", select=[rule])
    (finding,) = [one for one in report.findings if one.rule == rule]
    assert finding.fix is not None
    assert (finding.fix.description, finding.fix.edits) == (said, ())


def test_the_server_of_a_host_file_must_take_what_is_written(tmp_path: Path) -> None:
    text = COMPOSE.replace("redis:7.2", "redis:6.0") + "[redis-server, --appendonly, 'true']\n"
    path = write(tmp_path, text)
    guarded(cli, ["check", str(path), "--fix"])
    assert path.read_text(encoding="utf-8") == text.replace("'true'", "'yes'")

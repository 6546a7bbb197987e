"""Pragmas and waivers in the comments of each language that embeds a configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

import redislint
from redislint.conf.document import parse
from redislint.conf.pragma import Pragmas, read_pragmas

WAIVER = 'redislint: disable-next-line=RL212 reason="the disk is watched"'


def read(text: str) -> Pragmas:
    document = parse(text.encode(), "host")
    document.foreign = True
    return read_pragmas(document)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# ", ""),
        ("  # ", ""),
        ("// ", ""),
        ("    //", ""),
        ("/* ", " */"),
        ("; ", ""),
        ("{# ", " #}"),
        ("{#- ", " -#}"),
        ("<%# ", " %>"),
        ("<%-# ", " -%>"),
        ("{{/* ", " */}}"),
        ("{{- /* ", " */ -}}"),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_every_comment_speaks(before: str, after: str, ending: str) -> None:
    lines = ["x: 1", f"{before}redislint: workload=queue rto=2s{after}", "y: 2"]
    lines += [f"{before}{WAIVER}{after}", f"{before}another comment{after}", "z: 3", ""]
    pragmas = read(ending.join(lines))
    assert pragmas.problems == ()
    assert dict(pragmas.values) == {"workload": "queue", "rto": "2s"}
    span = pragmas.spans["rto"]
    assert lines[span.line - 1][span.column - 1 : span.end_column - 1] == "rto=2s"
    (silence,) = pragmas.silences
    assert (silence.rules, silence.reason) == (("RL212",), "the disk is watched")
    # Only a comment that speaks to redislint is known for one, where `#` does not begin it.
    assert silence.line == (6 if before.strip() == "#" else 5)


def test_two_waivers_hold_for_the_same_line() -> None:
    text = '// redislint: disable-next-line=RL1 reason="a"\n'
    pragmas = read(text + text.replace("RL1", "RL2") + "x = 1\n")
    assert [(one.rules, one.line) for one in pragmas.silences] == [(("RL1",), 3), (("RL2",), 3)]


def test_a_typo_is_a_problem_with_its_place() -> None:
    (problem,) = read("{# redislint: workloud=queue #}\n").problems
    assert "did you mean 'workload'?" in problem.message
    assert (problem.span.line, problem.span.column, problem.span.end_column) == (1, 15, 29)


def test_a_comment_behind_something_is_a_problem() -> None:
    (problem,) = read("image: redis:7.2 # redislint: workload=queue\n").problems
    assert problem.message.startswith("a pragma stands on a line of its own")


def test_other_comments_are_none_in_redis_conf() -> None:
    text = parse(b"// redislint: workload=queue\n", "redis.conf")
    assert read_pragmas(text).values == {}


BLOCK = """\
apiVersion: v1
kind: ConfigMap
metadata: {{name: cache}}
data:
  redis.conf: |
    {comment}
    stop-writes-on-bgsave-error no
    save 60 1
"""
COMPOSE = """\
services:
  cache:
    image: redis:7.2
    command:
      - redis-server
      {comment}
      - --stop-writes-on-bgsave-error no
      - --save 60 1
"""
CACHE = """\
resource "aws_elasticache_replication_group" "cache" {{
  replication_group_id = "cache"
  engine_version       = "7.1"
  node_type            = "cache.r7g.large"
  {comment}
  snapshot_retention_limit = 0
}}
"""
RL212 = 'RL212 reason="the disk is watched"'
RL901 = "RL901 reason=rebuilt owner=me until=2099-01-01"


@pytest.mark.parametrize(
    ("name", "text", "comment", "waived"),
    [
        ("cache.yaml", BLOCK, "# {}", RL212),
        ("compose.yml", COMPOSE, "# {}", RL212),
        ("main.tf", CACHE, "# {}", RL901),
        ("main.tf", CACHE, "// {}", RL901),
        ("main.tf", CACHE, "/* {} */", RL901),
    ],
)
def test_a_waiver_holds_in_a_host_file(
    tmp_path: Path, name: str, text: str, comment: str, waived: str
) -> None:
    path = tmp_path / name
    rule = waived.split()[0]
    for said, number in ("nothing", 0), (f"redislint: disable-next-line={waived}", 1):
        path.write_text(text.format(comment=comment.format(said)), encoding="utf-8")
        report = redislint.check([path])
        (finding,) = [one for one in report.findings if one.rule == rule]
        assert (finding.waiver is not None) == bool(number)
        assert finding.span is not None
        assert finding.span.path == name or finding.span.path.endswith(name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Dockerfile", "# {}\nFROM redis:7.2\n"),
        ("redis.service", "# {}\n[Service]\nExecStart=/usr/bin/redis-server --port 1\n"),
        ("redis.service", "[Service]\n; {}\nExecStart=/usr/bin/redis-server --port 1\n"),
        ("redis.conf.j2", "{{# {} #}}\nport 1\nsave 60 1\n"),
        ("redis.conf.erb", "<%# {} %>\nport 1\nsave 60 1\n"),
        ("redis.conf.tmpl", "{{{{/* {} */}}}}\nport 1\nsave 60 1\n"),
    ],
)
def test_a_host_file_declares_what_its_server_is_for(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text.format("redislint: workload=queue"), encoding="utf-8")
    report = redislint.check([path])
    assert ([one.workload for one in report.targets], report.errors) == (["queue"], ())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Dockerfile", "FROM redis:7.2\nCMD redis-server --port 1 # {}\n"),
        ("redis.service", "[Service]\nExecStart=/usr/bin/redis-server --port 1 # {}\n"),
        ("redis.conf.j2", "port 1\nsave 60 1 # {}\n"),
    ],
)
def test_behind_something_where_the_language_has_no_such_comment(
    tmp_path: Path, name: str, text: str
) -> None:
    path = tmp_path / name
    path.write_text(text.format("redislint: workload=queue"), encoding="utf-8")
    report = redislint.check([path])
    assert [one.message for one in report.errors] == [
        "a pragma stands on a line of its own, before the directive"
    ]


MOUNTED = """\
services:
  cache:
    image: redis:7.2
    command: [redis-server, /etc/redis.conf]
    volumes:
      - ./redis.conf:/etc/redis.conf
"""


def test_a_mounted_configuration_speaks_for_its_server(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "compose.yml").write_text(MOUNTED, encoding="utf-8")
    text = "# redislint: workload=queue\nmaxmemory 1gb\n"
    (tmp_path / "redis.conf").write_text(text, encoding="utf-8")
    report = redislint.check([tmp_path / "compose.yml"])
    assert [one.workload for one in report.targets] == ["queue"]
    (tmp_path / "redis.conf").write_text(text.replace("workload", "workloud"), encoding="utf-8")
    (error,) = redislint.check([tmp_path / "compose.yml"]).errors
    assert error.target.endswith("redis.conf:1:14")
    assert "did you mean 'workload'?" in error.message


def test_a_config_map_speaks_for_the_workload_that_mounts_it(tmp_path: Path) -> None:
    folder = Path(__file__).parents[3] / "examples" / "infrastructure" / "kubernetes"
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (target,) = redislint.check([tmp_path]).targets
    assert target.workload == "queue"
    assert target.id.endswith("statefulset.yaml#StatefulSet/queue/redis")

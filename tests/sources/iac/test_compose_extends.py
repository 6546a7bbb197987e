"""Services that take over from others: what they run, and where that stands."""

from __future__ import annotations

from pathlib import Path

from redislint.audit.facts import facts

COMMON = """\
services:
  base:
    image: redis:7.2
    command: redis-server --appendonly yes --maxmemory 1gb
    mem_limit: 2g
    environment: {A: "1"}
    ports: ["127.0.0.1:1:6379"]
"""


def told(folder: Path, name: str) -> tuple[list[tuple[str, str, str, int]], dict[str, object]]:
    """Settings with their files and lines, and facts, of a service."""
    report = facts([folder])
    assert report.errors == ()
    (target,) = [one for one in report.targets if one.id.endswith(f"#services.{name}")]
    settings = [
        (one.name, one.text, one.span.path.rpartition("/")[2], one.span.line)
        for one in target.settings
        if one.span
    ]
    return settings, {path: fact.value for path, fact in target.facts.items()}


def test_a_service_of_the_same_file(tmp_path: Path) -> None:
    more = "  own:\n    extends: base\n    ports: ['6379:6379']\n"
    (tmp_path / "compose.yml").write_text(COMMON + more)
    settings, found = told(tmp_path, "own")
    assert settings == [
        ("appendonly", "yes", "compose.yml", 4),
        ("maxmemory", "1073741824", "compose.yml", 4),
    ]
    assert found["container.published"] == ["127.0.0.1:1", "*:6379"]
    assert found["host.cgroup_memory_max"] == 2 << 30


def test_a_service_of_another_file_and_its_own_command(tmp_path: Path) -> None:
    (tmp_path / "common.yml").write_text(COMMON)
    (tmp_path / "compose.yml").write_text(
        "services:\n  own:\n    extends: {file: common.yml, service: base}\n"
        "    command: [redis-server, --appendonly, 'no']\n"
    )
    settings, found = told(tmp_path, "own")
    assert settings == [("appendonly", "no", "compose.yml", 4)]
    assert found["container.published"] == ["127.0.0.1:1"]


def test_what_is_not_there_leaves_ports_open(tmp_path: Path) -> None:
    (tmp_path / "compose.yml").write_text(
        "services:\n  own:\n    image: redis:7.2\n"
        "    extends: {file: elsewhere.yml, service: base}\n"
    )
    settings, found = told(tmp_path, "own")
    assert settings == []
    assert "container.published" not in found


def test_services_that_extend_each_other_end(tmp_path: Path) -> None:
    (tmp_path / "compose.yml").write_text(
        "services:\n"
        "  a:\n    extends: b\n    image: redis:7.2\n"
        "  b:\n    extends: a\n    command: redis-server\n"
    )
    assert len(facts([tmp_path]).targets) == 2

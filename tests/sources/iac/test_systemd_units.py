"""Units with their drop-ins, variables and limits."""

from __future__ import annotations

from pathlib import Path

import pytest

from redislint.audit import check
from tests.sources.iac.conftest import Make, Repository

UNIT = """\
[Service]
Environment="PORT=7000" OPTIONS=
ExecStart=/usr/bin/redis-server --port ${PORT} --appendonly no
LimitNOFILE=1024:65536
MemoryMax=1G
"""


def only(found: Repository) -> str:
    (target,) = found.report.targets
    return target.id


def settings(found: Repository) -> list[tuple[str, str, str, int]]:
    (target,) = found.report.targets
    return [
        (one.name, one.text if one.known else "?", one.span.path, one.span.line)
        for one in target.settings
        if one.span
    ]


def facts(found: Repository) -> dict[str, object]:
    (target,) = found.report.targets
    return {path: one.value for path, one in target.facts.items()}


def test_variables_of_the_unit_itself_are_known(repository: Make) -> None:
    found = repository({"redis.service": UNIT})
    assert settings(found) == [
        ("port", "7000", "redis.service", 3),
        ("appendonly", "no", "redis.service", 3),
    ]
    (target,) = found.report.targets
    assert found.text_at(target.settings[0]) == "${PORT}"
    assert facts(found)["host.open_files"] == 65536


def test_a_drop_in_replaces_the_command(repository: Make) -> None:
    found = repository(
        {
            "systemd/redis.service": UNIT,
            "systemd/redis.service.d/20-more.conf": "[Service]\nMemoryMax=2G\nLimitNOFILE=9000\n",
            "systemd/redis.service.d/10-start.conf": (
                "[Service]\nExecStart=\nExecStart=/usr/bin/redis-server \\\n"
                "  --appendonly yes --port $PORT\n"
            ),
            "systemd/redis.service.d/old.conf~": "[Service]\nMemoryMax=9G\n",
        }
    )
    assert only(found) == "systemd/redis.service"
    where = "systemd/redis.service.d/10-start.conf"
    assert settings(found) == [("appendonly", "yes", where, 4), ("port", "7000", where, 4)]
    assert facts(found)["host.cgroup_memory_max"] == 2 << 30
    assert facts(found)["host.open_files"] == 9000


def test_a_file_of_variables_counts_before_the_units_own(repository: Make) -> None:
    unit = UNIT.replace("ExecStart", "EnvironmentFile=-/etc/default/redis\nExecStart")
    found = repository({"redis.service": unit, "etc/default/redis": "# no\nPORT='7001'\n"})
    assert settings(found)[0][:2] == ("port", "7001")


def test_a_file_of_variables_that_is_not_there_leaves_them_unknown(repository: Make) -> None:
    unit = UNIT.replace("ExecStart", "EnvironmentFile=/etc/default/redis\nExecStart")
    assert settings(repository({"redis.service": unit}))[0][:2] == ("port", "?")


def test_a_variable_of_several_words(repository: Make) -> None:
    text = (
        '[Service]\nEnvironment="MORE=--port 7000 --appendonly yes"\n'
        "ExecStart=/usr/bin/redis-server $MORE\n"
    )
    assert [one[:2] for one in settings(repository({"redis.service": text}))] == [
        ("port", "7000"),
        ("appendonly", "yes"),
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("MemoryMax=512M\nMemoryHigh=256M\n", 512 << 20),
        ("MemoryHigh=1.5G\n", 3 << 29),
        ("MemoryLimit=1000\n", 1000),
        ("MemoryMax=infinity\n", None),
        ("MemoryMax=80%\n", None),
    ],
)
def test_limits_of_memory(repository: Make, lines: str, expected: int | None) -> None:
    found = repository({"redis.service": f"[Service]\nExecStart=/bin/redis-server\n{lines}"})
    assert facts(found).get("host.cgroup_memory_max") == expected


def test_too_few_open_files_are_found_at_the_place_of_maxclients(tmp_path: Path) -> None:
    path = tmp_path / "redis.service"
    path.write_text(
        "[Service]\nExecStart=/bin/redis-server --maxclients 20000\nLimitNOFILE=1024:4096\n"
    )
    (found,) = check([path], select=["RL705"]).findings
    assert found.span is not None
    assert (found.span.line, found.span.column) == (2, 42)
    assert "4096" in found.message

"""Host files that mean harm: bounded time, and one clear line each."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from redislint.audit.facts import FactsReport, facts
from tests.sources.iac.conftest import Make

COMPOSE = "services:\n  cache:\n    image: redis:7.2\n"


def timed(path: Path, name: str, data: bytes) -> FactsReport:
    """The facts of one file, which must not take long."""
    (path / name).write_bytes(data)
    start = time.process_time()
    report = facts([path / name])
    assert time.process_time() - start < 5
    return report


def one_line(report: FactsReport) -> str:
    (error,) = report.errors
    assert "\n" not in error.message
    assert len(error.message) < 200
    return error.message


def test_an_alias_bomb(tmp_path: Path) -> None:
    lines = ["x0: &x0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]" for n in range(1, 40)]
    bomb = "\n".join(lines) + "\n" + COMPOSE + "    command: *x39\n"
    report = timed(tmp_path, "compose.yml", bomb.encode())
    assert report.errors == ()


def test_an_alias_within_itself(tmp_path: Path) -> None:
    text = "x: &x\n  <<: *x\n  services: *x\n" + COMPOSE + "    environment: &e {<<: *e}\n"
    assert timed(tmp_path, "compose.yml", text.encode()).errors == ()


def test_lists_within_themselves(tmp_path: Path) -> None:
    text = "apiVersion: v1\nkind: List # redis\nitems: &l [{kind: List, items: *l}]\n"
    assert timed(tmp_path, "pod.yaml", text.encode()).targets == ()


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_deep_nesting(tmp_path: Path, opening: str) -> None:
    text = COMPOSE + "x-deep: " + ("\n  " if opening == "- " else "") + opening * 100_000
    assert "nested deeper than 200" in one_line(timed(tmp_path, "compose.yml", text.encode()))


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    data = COMPOSE.encode() + b"# redis\n" * 7_000_000
    assert "larger than the limit of 8 MiB" in one_line(timed(tmp_path, "compose.yml", data))


def test_many_large_values(tmp_path: Path) -> None:
    text = COMPOSE + "    command: redis-server " + "--port 7000 " * 20_000 + "\n"
    report = timed(tmp_path, "compose.yml", text.encode())
    assert len(report.targets[0].settings) == 20_000


def test_binary_with_the_name_of_yaml(repository: Make) -> None:
    found = repository({"blob.yaml": "\0\1\2 redis kind: \n apiVersion: \x03"})
    assert found.report.targets == ()
    assert found.report.errors == ()


def test_links_in_a_circle_and_pipes(repository: Make, tmp_path: Path) -> None:
    os.symlink("b.yaml", tmp_path / "a.yaml")
    os.symlink("a.yaml", tmp_path / "b.yaml")
    os.symlink(".", tmp_path / "again")
    os.mkfifo(tmp_path / "pipe.yaml")
    found = repository({"compose.yml": COMPOSE})
    assert [target.id for target in found.report.targets] == ["compose.yml#services.cache"]
    assert found.report.errors == ()


def test_a_template_that_never_closes(tmp_path: Path) -> None:
    data = b"port {{ x\nappendonly yes\n" + b"{{ {% <% ${" * 100_000
    report = timed(tmp_path, "redis.conf.j2", data)
    assert len(report.targets) == 1

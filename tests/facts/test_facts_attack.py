"""Settings that only an attacker chooses, and those that merely look like it."""

from __future__ import annotations

import pytest

from redislint.facts.attack import facts, traces


@pytest.mark.parametrize(
    "directory",
    ["/root/.ssh", "/root/.ssh/", "/home/x/.ssh", "/etc", "/etc/cron.d", "/var/spool/cron/crontabs",
     "/var/www/html", "/var/lib/redis/.ssh"],
)  # fmt: skip
def test_directories(directory: str) -> None:
    assert traces(directory, "dump.rdb") == [f"dir is {directory}"]


@pytest.mark.parametrize(
    "name", ["authorized_keys", "root", "crontab", "exp.so", "SHELL.PHP", "a.jsp", "run.sh"]
)
def test_file_names(name: str) -> None:
    assert traces("/var/lib/redis", name) == [f"dbfilename is {name}"]


@pytest.mark.parametrize(
    "directory", ["/", "", "/var/lib/redis", "/etc/redis", "/data", "./", "/srv/www"]
)
@pytest.mark.parametrize("name", ["", "dump.rdb", "root.rdb", "authorized_keys.rdb", "sophie"])
def test_what_is_none(directory: str, name: str) -> None:
    assert traces(directory, name) == []


def test_modules_that_anybody_could_have_put_there() -> None:
    modules = [{"path": "/tmp/exp"}, {"path": "/usr/lib/redis/bloom"}, {"name": "lua"}]
    assert traces("/data", "dump.rdb", modules) == ["module /tmp/exp is loaded"]


def test_nothing_is_said_where_nothing_is_known() -> None:
    assert facts({}, {}) == {}
    assert facts({"dir": "/root/.ssh"}, {})["attack.traces"].value == ["dir is /root/.ssh"]

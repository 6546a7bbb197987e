"""`redislint directive`."""

from __future__ import annotations

import json
from typing import Any

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner, Result

from redislint import catalog
from redislint.cli.directive import directive


def run(*args: str) -> Result:
    return CliRunner().invoke(directive, args)


def as_json(*args: str) -> Any:
    result = run(*args, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_explains_a_directive() -> None:
    result = run("maxmemory-policy")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "maxmemory-policy"
    assert lines[1].startswith("  Says which keys are evicted")
    assert "  default      redis 2.8: volatile-lru" in lines
    assert "               redis 3.0 on, valkey: noeviction" in lines
    assert "  known to     redis 2.8 (or older) on, valkey 7.2 on" in lines


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("slaveof", "replicaof"),
        ("replicaof", "  spellings    replicaof (redis 5.0 on, valkey)"),
        ("PORT", "  bounds       0 to 65535"),
        ("repl-backlog-size", "               valkey 8.0 on: 10485760 (10mb)"),
        ("unixsocketperm", "  bounds       0 to 777"),
        ("maxmemory", "  bounds       redis 6.0 on, valkey: 0 to 2^64-1"),
        ("requirepass", "  secret       the value is a credential: redislint never shows it"),
        ("databases", "  at run time  fixed at startup: CONFIG SET refuses it"),
        ("debug-context", "  CONFIG GET   shown only when asked for by its exact name"),
        ("dynamic-hz", "               valkey 8.1 on: ignored: read without effect"),
        ("watchdog-period", "  in a file    redis 2.8 to 6.2: refused: CONFIG SET only"),
        ("gopher-enabled", "  known to     redis 6.0 to 6.2"),
        ("list-max-ziplist-value", "  replaced by  list-max-listpack-size"),
        ("save", '  with a file  redis 2.8 to 6.0: "" when the file does not set it'),
        ("sentinel monitor", "  form         MASTER HOST PORT QUORUM, QUORUM at least 1"),
        ("search-timeout", "  default      500"),
        ("hash-max-zipmap-value", "  replaced by  hash-max-ziplist-value"),
    ],
)
def test_line_of_the_explanation(name: str, line: str) -> None:
    result = run(*name.split())
    assert result.exit_code == 0, result.output
    assert line in result.stdout.splitlines()


@pytest.mark.parametrize("server", [None, "redis-2.8", "redis-8.6", "valkey-9.1"])
def test_every_directive_fits_into_80_columns(server: str | None) -> None:
    option = ["--server", server] if server else []
    names = [row["name"] for row in as_json(*option)["directives"]]
    assert len(names) >= 81
    for name in names:
        entry = catalog.directive(name)
        assert entry is not None
    shown = [row.get("facts", row)["name"] for row in as_json(*option)["directives"]]
    result = run(*(word for name in shown for word in name.split()), *option)
    assert result.exit_code == 0, result.stderr
    assert [line for line in result.stdout.splitlines() if len(line) > 80] == []
    assert "None" not in result.stdout


def test_of_one_server() -> None:
    result = run("masterauth", "--server", "valkey-8.0")
    lines = result.stdout.splitlines()
    assert lines[0] == "primaryauth"
    assert "  also called  masterauth" in lines
    assert "redis 2.8:" not in result.stdout


def test_of_a_server_that_was_not_measured() -> None:
    result = run("port", "--server", "redis-8.2")
    assert "  server       redis-8.2, assumed to be like redis-8.0" in result.stdout


def test_lists_all_without_a_name() -> None:
    result = run()
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert all(len(line) <= 80 for line in lines)
    starts = {line.split("  ")[0] for line in lines}
    assert {d.name for d in catalog.directives()} <= starts


def test_lists_what_a_server_knows() -> None:
    lines = run("--server", "redis-2.8").stdout.splitlines()
    assert sum(not line.startswith(" ") for line in lines) == 67 + 14
    assert any(line.startswith("slaveof ") for line in lines)


def test_several_names() -> None:
    result = run("port", "sentinel", "monitor", "bind")
    heads = [line for line in result.stdout.splitlines() if line and not line.startswith(" ")]
    assert heads == ["port", "sentinel monitor", "bind"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["maxmemmory"], "unknown directive 'maxmemmory'; did you mean 'maxmemory'?"),
        (["qqq"], "unknown directive 'qqq'; 'redislint directive' lists all"),
        (["a\x1b[31mb"], "unknown directive 'a?[31mb'; 'redislint directive' lists all"),
        (
            ["tls-port", "--server", "redis-5.0"],
            "redis-5.0 does not know 'tls-port', which is in redis 6.0 on, valkey 7.2 on",
        ),
        (
            ["replica-priority", "--server", "redis-4.0"],
            "redis-4.0 does not know 'replica-priority'; there it is 'slave-priority'",
        ),
        (["port", "--server", "keydb-6"], "unknown server 'keydb-6': expected an engine"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(args: list[str], message: str) -> None:
    result = run(*args)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_json() -> None:
    data = as_json("slaveof")
    assert data["schema"] == "redislint-directive-1"
    (row,) = data["directives"]
    assert (row["name"], row["aliases"], row["context"]) == ("replicaof", ["slaveof"], "server")
    redis = row["engines"]["redis"]
    assert (redis["since"], redis["removed_in"]) == ("2.8", None)
    assert [f["from"] for f in redis["facts"]] == ["2.8", "5.0", "7.0"]
    assert redis["facts"][0]["name"] == "slaveof"


def test_json_of_one_server() -> None:
    data = as_json("save", "--server", "redis-6.0")
    assert data["server"] == {
        "engine": "redis", "version": "6.0", "like": "redis-6.0", "assumed": False,
    }  # fmt: skip
    assert data["directives"][0]["facts"]["default_with_file"] == ""


def test_json_of_all() -> None:
    assert len(as_json()["directives"]) == 274
    assert len(as_json("--server", "redis-2.8")["directives"]) == 67 + 14


def test_json_of_module_and_historic_names() -> None:
    rows = as_json("search-timeout", "vm-enabled")["directives"]
    assert [row["context"] for row in rows] == ["module", "historic"]


def complete(*words: str) -> list[str]:
    root = click.Group("redislint", commands={"directive": directive})
    shell = ShellComplete(root, {}, "redislint", "_REDISLINT_COMPLETE")
    return [item.value for item in shell.get_completions(list(words[:-1]), words[-1])]


def test_completes_names() -> None:
    assert complete("directive", "maxmemory-p") == ["maxmemory-policy"]
    assert complete("directive", "slaveo") == ["slaveof"]
    assert complete("directive", "sentinel", "mon") == ["monitor"]
    assert complete("directive", "--server", "valkey-9") == ["valkey-9.1"]

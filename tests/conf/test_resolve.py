"""What a configuration comes to: settings, where they come from, and no secrets shown."""

from __future__ import annotations

from pathlib import Path

import pytest

import redislint
from redislint import catalog
from redislint.conf.resolve import Configuration
from redislint.model import REDACTED, Server

SECRET = "hunter2topsecret"


def resolve(text: str, server: str = "redis-7.2", *argv: str) -> Configuration:
    return redislint.parse(text, "redis.conf").resolve(server, argv)


def test_defaults() -> None:
    conf = resolve("")
    assert conf.accepted
    assert conf.rejection is None
    assert conf["timeout"].value == 0
    assert conf["timeout"].origin == "default"
    assert conf["timeout"].span is None
    assert not conf.is_set("timeout")
    assert conf.settings == ()


def test_a_setting_and_its_place() -> None:
    conf = resolve("# memory\n\nmaxmemory  2gb\n")
    setting = conf["maxmemory"]
    assert (setting.value, setting.text, setting.origin) == (2**31, str(2**31), "file")
    assert setting.span is not None
    assert (setting.span.path, setting.span.line, setting.span.column) == ("redis.conf", 3, 12)
    assert setting.span.end_column == 15
    assert conf.is_set("MAXMEMORY")


def test_the_last_one_counts_under_any_name() -> None:
    conf = resolve("slave-priority 1\nreplica-priority 2\nslave-priority 3\n")
    assert conf.config_get("replica-priority") == conf.config_get("slave-priority") == "3"
    setting = conf["replica-priority"]
    assert (setting.name, setting.canonical) == ("slave-priority", "replica-priority")
    assert [span.line for span in setting.overrode] == [1, 2]
    assert [entry.effective for entry in conf.settings] == [False, False, True]


def test_the_command_line_wins() -> None:
    conf = resolve("port 1\n", "redis-7.2", "--port", "2")
    assert (conf["port"].text, conf["port"].origin) == ("2", "command-line")


def test_names_that_the_server_does_not_know() -> None:
    conf = resolve("")
    assert "maxmemroy" not in conf
    assert "MaxMemory" in conf
    assert conf.config_get("maxmemroy") is None
    with pytest.raises(KeyError, match="did you mean 'maxmemory'"):
        conf["maxmemroy"]


def test_the_server_stops_at_the_first_error_and_the_reader_goes_on() -> None:
    conf = resolve("timeout x\nport 7000\nfoo bar\nhz y\n")
    assert not conf.accepted
    assert conf.rejection is not None
    assert (conf.rejection.line, conf.rejection.stage) == (1, "load")
    assert [d.line for d in conf.diagnostics if d.fatal] == [1, 3, 4]
    assert conf.config_get("timeout") == "0"
    assert conf.config_get("port") == "7000"


def test_unknown_names_wait_where_modules_may_take_them() -> None:
    text = "unknown-thing 1\ntimeout x\n"
    for server, line in (("redis-7.4", 1), ("redis-8.0", 2), ("valkey-9.1", 1)):
        rejection = resolve(text, server).rejection
        assert rejection is not None
        assert rejection.line == line
    module = resolve("loadmodule x.so\nunknown-thing 1\n", "redis-8.0")
    assert module.accepted
    assert "RL101" in [d.rule for d in module.diagnostics]


@pytest.mark.parametrize(
    ("text", "old", "middle", "new"),
    [
        ("port 1\n", "", "3600 1 300 100 60 10000", "3600 1 300 100 60 10000"),
        ("save 1 1\nsave 2 2\n", "1 1 2 2", "1 1 2 2", "1 1 2 2"),
        ('save 1 1\nsave ""\n', "", "", ""),
        ('save ""\nsave 1 1\n', "1 1", "1 1", "1 1"),
        ("save 1 1 2 2\n", "", "", "1 1 2 2"),
    ],
)
def test_save_points_by_version(text: str, old: str, middle: str, new: str) -> None:
    answers = [resolve(text, s).config_get("save") for s in ("redis-5.0", "redis-6.2", "redis-7.0")]
    assert answers == [old, middle, new]


def test_save_after_an_include(tmp_path: Path) -> None:
    (tmp_path / "empty.conf").touch()
    (tmp_path / "redis.conf").write_text("save 1 1\ninclude empty.conf\nsave 2 2\nsave 3 3\n")
    answers = [
        redislint.resolve_command(["redis.conf"], server, cwd=str(tmp_path)).config_get("save")
        for server in ("redis-6.2", "redis-7.0")
    ]
    assert answers == ["1 1 2 2 3 3", "3 3"]


def test_buffer_limits_are_kept_by_class() -> None:
    conf = resolve(
        "client-output-buffer-limit replica 1 2 3\nclient-output-buffer-limit normal 4 5 6\n"
    )
    assert conf.config_get("client-output-buffer-limit") == (
        "normal 4 5 6 slave 1 2 3 pubsub 33554432 8388608 60"
    )


def test_what_one_directive_makes_of_another() -> None:
    text = "cluster-enabled yes\n"
    assert resolve(text, "redis-7.2").config_get("databases") == "1"
    assert resolve(text, "redis-7.0").config_get("databases") == "16"
    assert resolve("daemonize yes\n").config_get("pidfile") == "/var/run/redis.pid"
    assert resolve("io-threads 100\n", "valkey-8.0").config_get("io-threads") == "16"


def test_values_covers_every_directive() -> None:
    for server in catalog.SERVERS:
        found = dict(resolve("maxmemory 1mb\n", str(server)).values())
        assert list(found) == list(catalog.specs(server))
        assert found["maxmemory"] == 2**20


SECRETS = [
    ("requirepass", f"requirepass {SECRET}\n"),
    ("masterauth", f'masterauth "{SECRET}"\n'),
    ("user", f"user alice on >{SECRET} ~* +@all\n"),
    ("user", f"user alice on #{SECRET.ljust(64, '0')} ~* +@nosuch\n"),
    ("tls-key-file-pass", f"tls-key-file-pass {SECRET}\n"),
    ("requirepass", f"requirepass {SECRET} {SECRET}\n"),
    ("masterauth", f"masterauth '{SECRET}\n"),
]


@pytest.mark.parametrize(("name", "text"), SECRETS)
@pytest.mark.parametrize("server", ["redis-6.2", "redis-8.0", "valkey-9.1"])
def test_secrets_are_not_shown(name: str, text: str, server: str) -> None:
    for conf in (resolve(text, server), resolve("", server, *_as_options(text))):
        shown = [repr(conf.diagnostics), repr(conf.settings), repr(list(conf.values()))]
        if name != "user":
            shown.append(repr(conf[name]))
        assert not [part for part in shown if SECRET in part]


def _as_options(text: str) -> list[str]:
    name, _, value = text.strip().partition(" ")
    return [f"--{name}", value.strip("\"'")]


def test_a_secret_is_said_to_be_set() -> None:
    conf = resolve(f"requirepass {SECRET}\n")
    assert conf["requirepass"].text == REDACTED
    assert conf.config_get("requirepass") == SECRET
    assert resolve("")["requirepass"].text == ""


def test_sentinel_passwords_are_not_shown() -> None:
    text = f"sentinel monitor m 127.0.0.1 6379 2\nsentinel auth-pass m {SECRET}\n"
    for lines in (
        text,
        text + f"sentinel auth-pass nosuch {SECRET}\nsentinel sentinel-pass {SECRET} x\n",
    ):
        conf = redislint.parse(lines, "sentinel.conf").resolve("redis-7.2", sentinel=True)
        assert SECRET not in repr(conf.diagnostics) + repr(conf.settings)


def test_wrong_servers() -> None:
    with pytest.raises(ValueError, match="redis or valkey"):
        resolve("", "keydb-6.0")


def test_versions_between_the_measured_ones() -> None:
    assert resolve("timeout 1\n", "redis-7.2.6").config_get("timeout") == "1"
    assert resolve("timeout 1\n", "valkey-9.9").accepted
    assert redislint.parse("").resolve(Server("redis", (6, 1))).accepted

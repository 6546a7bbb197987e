"""The parts of the live source that need no server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redislint.model import Server
from redislint.sources.live import acl
from redislint.sources.live.address import parse_url
from redislint.sources.live.collect import Replies, watched
from redislint.sources.live.commands import COMMANDS, acl_rule
from redislint.sources.live.credentials import Credentials, find, find_sentinel
from redislint.sources.live.errors import LiveError
from redislint.sources.live.identity import Identity, identify
from redislint.sources.live.info import keyspace, numbered, parse_info, scalars, typed, unit
from redislint.sources.live.options import LiveOptions
from redislint.sources.live.resp import ServerError
from redislint.sources.live.running import from_config_get
from redislint.sources.live.target import make_target
from redislint.sources.live.topology import cluster_nodes, members

REDIS = Server("redis", (7, 2, 6))


def test_recognising_a_url_imports_no_network() -> None:
    code = (
        "import sys; from redislint.sources.live import is_live; assert is_live('redis://h');"
        "assert not {'asyncio', 'redis', 'ssl', 'socket'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


# -- URLs ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "uri", "user", "password"),
    [
        ("redis://h", "redis://h:6379", "", None),
        ("redis://H:7000/0", "redis://h:7000", "", None),
        ("rediss://u:p%40w@h:1", "rediss://h:1", "u", "p@w"),
        ("redis://:p@w@h", "redis://h:6379", "", "p@w"),
        ("redis://:p/w@h", "redis://h:6379", "", "p/w"),
        ("redis://u@h", "redis://h:6379", "u", None),
        ("redis://u:@h", "redis://h:6379", "u", ""),
        ("redis://[::1]:7000", "redis://[::1]:7000", "", None),
        ("redis://[::1]", "redis://[::1]:6379", "", None),
        ("redis://", "redis://localhost:6379", "", None),
        ("unix:///run/r.sock", "unix:///run/r.sock", "", None),
        ("unix://u:p@/run/r.sock", "unix:///run/r.sock", "u", "p"),
        ("unix:///run/a@b.sock", "unix:///run/a@b.sock", "", None),
        ("redis+cluster://a,b:7001", "redis+cluster://a:6379,b:7001", "", None),
        ("redis+sentinel://:p@a,b/main", "redis+sentinel://a:26379,b:26379/main", "", "p"),
    ],
)
def test_urls(text: str, uri: str, user: str, password: str | None) -> None:
    url = parse_url(text)
    assert (url.uri, url.username, url.password) == (uri, user, password)


@pytest.mark.parametrize(
    "text",
    [
        "http://h",
        "redis://h:0",
        "redis://h:65536",
        "redis://h:6379x",
        "redis://:CANARY/x%40h",
        "redis://u:CANARY#x@h",
        "redis://h?password=CANARY",
        "redis://h/name",
        "redis://a:b:c",
        "redis://[::1",
        "redis://h h",
        "unix://run/r.sock",
        "redis://a\x1b[0mb",
    ],
)
def test_urls_that_are_none(text: str) -> None:
    with pytest.raises(LiveError) as caught:
        parse_url(text)
    assert "CANARY" not in caught.value.message
    assert caught.value.message.isprintable()


@given(st.text(max_size=60))
def test_any_text_is_a_url_or_refused(rest: str) -> None:
    try:
        url = parse_url(f"redis://{rest}")
    except LiveError:
        return
    assert parse_url(url.uri).seeds == url.seeds


# -- credentials -----------------------------------------------------------------------


def test_credentials_in_their_order(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("from-file\nsecond line\n")
    plain, full = parse_url("redis://h"), parse_url("redis://u:from-url@h")
    env = {"REDISCLI_AUTH": "from-cli", "REDISLINT_USERNAME": "env-user"}
    with_file = LiveOptions(password_file=str(file))
    with_prompt = LiveOptions(prompt=lambda uri: f"asked for {uri}")
    assert find(full, with_file, env) == Credentials("u", "from-url")
    assert find(plain, with_file, env) == Credentials("env-user", "from-file")
    assert find(plain, with_prompt, {}) == Credentials("", "asked for redis://h:6379")
    assert find(plain, LiveOptions(), env) == Credentials("env-user", "from-cli")
    assert find(plain, LiveOptions(), env | {"REDISLINT_PASSWORD": "own"}).password == "own"
    assert find(plain, LiveOptions(), {}) == Credentials()
    assert "from-url" not in repr(full)
    assert "from-file" not in repr(find(plain, with_file, {}))


def test_credentials_that_cannot_be_had(tmp_path: Path) -> None:
    plain = parse_url("redis://h")
    for name, data in (("empty", b""), ("binary", b"\xff\xfe")):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(LiveError, match=name):
            find(plain, LiveOptions(password_file=str(tmp_path / name)), {})
    with pytest.raises(LiveError, match="No such file"):
        find(plain, LiveOptions(password_file=str(tmp_path / "none")), {})
    with pytest.raises(LiveError, match="without a password"):
        find(parse_url("redis://u@h"), LiveOptions(), {})


def test_sentinels_have_their_own_credentials() -> None:
    data = Credentials("u", "p")
    own = {"REDISLINT_SENTINEL_PASSWORD": "s", "REDISLINT_SENTINEL_USERNAME": "su"}
    assert find_sentinel(data, own) == (Credentials("su", "s"),)
    assert find_sentinel(data, {}) == (Credentials(), data)
    assert find_sentinel(Credentials(), {}) == (Credentials(),)


# -- the list of commands --------------------------------------------------------------

_HARMLESS = {
    *("AUTH", "INFO everything", "INFO all", "INFO", "CONFIG GET *", "ACL WHOAMI", "ACL LIST"),
    *("ACL GETUSER default", "MODULE LIST", "CLUSTER INFO", "CLUSTER NODES", "LATENCY LATEST"),
    *("SLOWLOG LEN", "TIME", "SENTINEL MASTERS", "SENTINEL SLAVES", "SENTINEL SENTINELS"),
    "SENTINEL CONFIG GET *",
}


def test_the_list_holds_nothing_that_changes_anything() -> None:
    assert {command.name for command in COMMANDS} == _HARMLESS
    assert "@" not in acl_rule()
    assert "~" not in acl_rule()


def test_the_documentation_names_every_command(root: Path) -> None:
    text = (root / "docs" / "live.md").read_text()
    for command in COMMANDS:
        assert f"`{command.name}`" in text, command.name


# -- INFO ------------------------------------------------------------------------------


def test_values_of_info() -> None:
    assert typed("used_memory", "1024") == 1024
    assert typed("mem_fragmentation_ratio", "1.50") == 1.5
    assert typed("used_memory_peak_perc", "99.50%") == pytest.approx(0.995)
    assert typed("mem_fragmentation_ratio", "nan") is None
    assert typed("master_replid2", "0" * 40) == "0" * 40
    assert typed("redis_version", "7.2") == "7.2"
    assert typed("redis_git_sha1", "00000000") == "00000000"
    assert typed("rdb_last_bgsave_time_sec", "-1") is None
    assert typed("x", "9" * 30) == "9" * 30
    assert (unit("uptime_in_seconds"), unit("used_memory"), unit("role")) == ("s", "bytes", "")


def test_sections_fields_and_rows() -> None:
    info = parse_info(
        b"# Server\r\nredis_version:7.2.6\r\n\r\nnonsense\r\n# Replication\r\n"
        b"slave1:ip=b,port=2,state=online\r\nslave0:ip=a,port=1,state=wait_bgsave,lag=3\r\n"
        b"# Keyspace\r\ndb0:keys=8,expires=2,avg_ttl=0\r\ndb3:keys=2,expires=0\r\n"
    )
    assert [row["ip"] for row in numbered(info, "slave")] == ["a", "b"]
    assert keyspace(info) == {"keys": 10, "expires": 2, "databases": 2, "expiring_share": 0.2}
    assert "slave0" not in dict(scalars(info))
    assert keyspace(parse_info(b"# Keyspace\r\n")) == {"keys": 0, "expires": 0, "databases": 0}
    assert keyspace(parse_info(b"# Server\r\n")) == {}


@given(st.binary(max_size=400))
def test_any_bytes_are_read_as_info(data: bytes) -> None:
    info = parse_info(data)
    list(scalars(info))
    keyspace(info)
    identify(info)


# -- who it is -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "server", "mode", "service", "product"),
    [
        ("redis_version:2.8.24\nredis_mode:standalone", "redis-2.8.24", "standalone", "", ""),
        ("redis_version:7.2.4\nserver_name:valkey\nvalkey_version:9.1.2\nserver_mode:cluster",
         "valkey-9.1.2", "cluster", "", ""),
        ("redis_version:7.2.4\nserver_name:valkey", "valkey-7.2.4", "standalone", "", ""),
        ("redis_version:8.0-m03", "redis-8.0", "standalone", "", ""),
        ("redis_version:255.255.255", "redis-255.255.255", "standalone", "", ""),
        ("redis_version:7.1.0\nos:Amazon ElastiCache", "redis-7.1.0", "standalone",
         "elasticache", ""),
        ("redis_version:7.1.0\nos:Amazon MemoryDB", "redis-7.1.0", "standalone", "memorydb", ""),
        ("redis_version:7.4.0\ndragonfly_version:df-v1.2", "redis-7.4.0", "standalone", "",
         "Dragonfly"),
        ("redis_version:6.3.4\nexecutable:/usr/bin/keydb-server", "redis-6.3.4", "standalone",
         "", "KeyDB"),
    ],
)  # fmt: skip
def test_identity(text: str, server: str, mode: str, service: str, product: str) -> None:
    found = identify(parse_info(f"# Server\n{text}\n# Replication\nrole:master\n".encode()))
    assert found is not None
    assert (str(found.server), found.mode) == (server, mode)
    assert (found.service, found.product) == (service, product)


def test_the_host_names_the_service() -> None:
    info = parse_info(b"redis_version:7.1.0\n")
    for host, service in (
        ("x.abc.0001.euw1.cache.amazonaws.com", "elasticache"),
        ("clustercfg.x.abc.memorydb.us-east-1.amazonaws.com", "memorydb"),
        ("cache.amazonaws.com.example.org", ""),
    ):
        found = identify(info, host)
        assert found is not None
        assert found.service == service
    assert identify(parse_info(b"uptime:3\n")) is None


# -- configuration ---------------------------------------------------------------------


def test_settings_that_no_catalogue_knows_are_kept_and_secrets_in_them_hidden() -> None:
    pairs = [
        (b"appendonly", b"yes"),
        (b"slave-read-only", b"yes"),
        (b"replica-read-only", b"yes"),
        (b"search-threads", b"20"),
        (b"mymodule.password", b"CANARY-module"),
        (b"save", b"not a save"),
    ]
    conf = from_config_get(pairs, REDIS)
    assert "CANARY" not in repr(conf)
    assert conf["search-threads"].text == "20"
    assert conf["slave-read-only"].canonical == "replica-read-only"
    assert not conf["save"].known
    assert "save" not in dict(conf.values())
    with pytest.raises(KeyError):
        conf["timeout"]


# -- users, members --------------------------------------------------------------------


def test_users_and_selectors() -> None:
    (user,) = acl.parse_list(
        [b"user a on #0123 sanitize-payload ~k:* %R~r resetchannels &c -@all +get (~x* +set)"],
        Server("redis", (7, 2)),
    )
    assert (user.name, user.on, user.passwords, user.access) == ("a", True, 1, "password")
    assert user.commands == ("-@all", "+get")
    assert user.keys == ("~k:*", "%R~r")
    assert user.channels == ("resetchannels", "&c")
    assert user.selectors == ("(~x* +set)",)
    assert "0123" not in repr(user)
    assert (user.grants["login"], user.grants["dangerous"]) == ("password", [])


def test_members_of_a_cluster() -> None:
    nodes = cluster_nodes(
        b"a 10.0.0.1:7000@17000,host myself,master - 0 0 1 connected 0-99 200 [5->-b]\n"
        b"b :0@0 slave,noaddr a 0 0 1 disconnected\n"
        b"c [bad line\n"
        b"d fe80::1:7002@17002 slave,fail? a 0 0 1 connected\n"
    )
    assert [node.slots for node in nodes] == [101, 0, 0]
    seed = parse_url("rediss://seed:7000").seeds[0]
    places = list(members(nodes, seed))
    assert [place.uri for place in places] == ["rediss://10.0.0.1:7000", "rediss://[fe80::1]:7002"]
    assert nodes[2].as_fact()["failed"] is True


# -- replies of any form ---------------------------------------------------------------

_REPLIES = st.recursive(
    st.none()
    | st.integers()
    | st.booleans()
    | st.binary(max_size=12)
    | st.sampled_from([b"name", b"ip", b"port", b"flags", b"passwords", b"user x", b"save"])
    | st.builds(ServerError, st.text(max_size=8)),
    lambda inner: st.lists(inner, max_size=6),
    max_leaves=12,
)
_NAMES = sorted(command.name for command in COMMANDS)


@given(
    st.dictionaries(st.sampled_from([*_NAMES, "SENTINEL SLAVES m"]), _REPLIES),
    st.sampled_from(["standalone", "cluster", "sentinel"]),
    st.sampled_from([Server("redis", (2, 8, 24)), REDIS, Server("valkey", (9, 1, 2))]),
)
def test_replies_of_any_form_make_a_target(
    found: dict[str, Any], mode: str, server: Server
) -> None:
    info = parse_info(b"# Server\nredis_version:7.2.6\n# Replication\nrole:slave\n")
    address = parse_url("redis://h").seeds[0]
    replies = Replies(address, Identity(server, mode), info, found)
    target = make_target(replies)
    assert target.target.server == server
    list(target.configuration.values())
    watched(found)

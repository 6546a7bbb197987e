from __future__ import annotations

import json
from pathlib import Path

import pytest

from redislint import catalog
from redislint.sources import kinds

REDIS = b"port 6379\nappendonly yes\nmaxmemory 2gb\n"

FOREIGN = {
    "nginx.conf": b"user www-data;\nworker_processes auto;\nevents {\n"
    b"  worker_connections 768;\n}\n",
    "redis.conf": b"upstream redis {\n  server 127.0.0.1:6379;\n}\n",
    "squid.conf": b"acl localnet src 10.0.0.0/8\nhttp_port 3128\ninclude /etc/squid/conf.d/*.conf\n"
    b"logfile_rotate 0\n",
    "memcached.conf": b"-d\nlogfile /var/log/memcached.log\n-m 64\n-p 11211\n-u memcache\n",
    "tinyproxy.conf": b"User tinyproxy\nPort 8888\nTimeout 600\nLogFile /var/log/t.log\n"
    b"PidFile /run/t.pid\nMaxClients 100\n",
    "postgresql.conf": b"port = 5432\nmax_connections = 100\nlogging_collector = on\n",
    "supervisor-redis.conf": b"[program:redis]\ncommand=redis-server /etc/redis.conf\n",
    "telegraf-redis.conf": b'[[inputs.redis]]\n  servers = ["tcp://localhost:6379"]\n',
    "collectd-redis.conf": b'<Plugin redis>\n  <Node "x">\n    Host "localhost"\n'
    b'    Port "6379"\n    Timeout 2000\n  </Node>\n</Plugin>\n',
    "limits-redis.conf": b"redis soft nofile 10000\nredis hard nofile 10000\n",
    "tmpfiles-redis.conf": b"d /run/redis 0755 redis redis -\n",
    "haproxy.conf": b"defaults\n  timeout connect 5s\nfrontend f\n  bind *:80\n  maxconn 10\n",
    "ssdb.conf": b"work_dir = ./var\nserver:\n\tip: 127.0.0.1\n\tport: 8888\n",
    "kvrocks.conf": b"bind 127.0.0.1\nport 6666\nworkers 8\nlog-level info\n"
    b"resp3-enabled yes\nrocksdb.block_size 16384\nrocksdb.max_open_files 8096\nworkers 2\n",
    "sshd.conf": b"Port 22\nPermitRootLogin no\nSyslogFacility AUTH\n",
    "empty.conf": b"",
    "notes.conf": b"# nothing but a comment\n",
    "binary.conf": b"port 6379\0\nappendonly yes\nmaxmemory 2gb\n",
}


def knows(name: str) -> bool:
    return catalog.directive(name) is not None


@pytest.mark.parametrize("name", FOREIGN)
def test_other_programs_files_are_passed_over(name: str) -> None:
    assert kinds.found_kind(name, FOREIGN[name], knows) is None


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("redis.conf", REDIS, "redis-conf"),
        ("anything.conf", REDIS, "redis-conf"),
        ("redis.conf", b"# all defaults\n", "redis-conf"),
        ("redis.conf", b"", "redis-conf"),
        ("valkey.conf", b"prot 6379\nappendonly true\n", "redis-conf"),
        ("redis.conf", b"port 6379\0\n", "redis-conf"),
        ("x.conf", b"sentinel monitor m 10.0.0.1 6379 2\nport 26379\n", "sentinel-conf"),
        ("sentinel.conf", b"port 26379\ndir /tmp\n", "sentinel-conf"),
        ("sentinel.conf", b"port 6379\nappendonly yes\nsave 60 1\n", "redis-conf"),
        ("redis.conf", b"port 6379\nsave 60 1\nsentinel monitor m h 1 2\n", "redis-conf"),
        ("users.acl", b"user default off\nuser app on >x ~* +@all\n", "acl-file"),
        ("users.conf", b"user default off\nuser app on >x ~* +@all\n", "acl-file"),
        ("redis-users.conf", b"user default off\nuser app on nopass ~* +@all\n", "redis-conf"),
        ("redis-acl.conf", b"user default off\nuser app on >x ~* +@all\n", "acl-file"),
    ],
)
def test_kinds_are_told_apart(name: str, data: bytes, kind: str) -> None:
    assert kinds.named_kind(name, data, knows) == kind
    assert kinds.found_kind(name, data, knows) == kind


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("redis.conf", True),
        ("REDIS.CONF", True),
        ("redis.conf.example", True),
        ("users.acl", True),
        ("redis.conf.j2", False),
        ("redis.conf.tpl", False),
        ("redis.conf~", False),
        ("redis.yaml", False),
    ],
)
def test_a_search_looks_at_names_first(name: str, expected: bool) -> None:
    assert kinds.is_candidate(name) is expected


def test_every_real_file_is_recognised_by_name_and_content(shared: Path) -> None:
    wanted = {"server": "redis-conf", "sentinel": "sentinel-conf", "acl": "acl-file"}
    index = json.loads((shared / "corpus" / "INDEX.json").read_text())
    wrong = []
    for entry in index:
        if entry["category"] != "redis-conf":
            continue
        data = (shared / "corpus" / entry["file"]).read_bytes()
        name = entry["file"].rpartition("/")[2].rpartition("__")[2]
        kind = wanted[entry["server"]["kind"]]
        if not kinds.is_candidate(name) or kinds.found_kind(name, data, knows) != kind:
            wrong.append(entry["file"])
    assert wrong == []


def test_no_file_of_another_kind_is_taken_by_its_content(shared: Path) -> None:
    index = json.loads((shared / "corpus" / "INDEX.json").read_text())
    others = [e["file"] for e in index if e["category"] not in ("redis-conf", "templates")]
    taken = [
        file
        for file in others
        if kinds.found_kind("some.conf", (shared / "corpus" / file).read_bytes(), knows)
        not in (None, kinds.SYSCTL)
    ]
    assert taken == []


def test_kernel_settings_are_told_by_their_content() -> None:
    data = b"vm.overcommit_memory = 1\n"
    assert kinds.found_kind("99-cache.conf", data, knows) == kinds.SYSCTL
    assert (
        kinds.found_kind("redis.conf", b"# " + data + b"port 1\nsave 1 1\n", knows) != kinds.SYSCTL
    )

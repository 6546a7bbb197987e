"""Managed services, recognised from INFO: what says nothing there decides nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from redislint.audit import Report, check
from redislint.audit.facts import facts
from redislint.model import OutcomeKind
from tests.support.resp_stub import Handler, Peer, Stub, encode

INFO = """# Server
redis_version:7.1.0
redis_mode:standalone
os:{system}
arch_bits:64
run_id:0f
tcp_port:6379
uptime_in_seconds:864000
hz:10
# Memory
used_memory:2147483648
used_memory_rss:2200000000
used_memory_dataset:2000000000
used_memory_startup:1000000
maxmemory:3200000000
maxmemory_policy:volatile-lru
mem_fragmentation_ratio:1.02
# Persistence
loading:0
async_loading:0
rdb_changes_since_last_save:912345
rdb_bgsave_in_progress:0
rdb_last_save_time:1699136000
rdb_last_bgsave_status:ok
rdb_last_bgsave_time_sec:-1
rdb_current_bgsave_time_sec:-1
rdb_saves:0
rdb_last_cow_size:0
aof_enabled:0
aof_rewrite_in_progress:0
aof_rewrite_scheduled:0
aof_last_rewrite_time_sec:-1
aof_current_rewrite_time_sec:-1
aof_last_bgrewrite_status:ok
aof_last_write_status:err
aof_last_cow_size:0
# Stats
total_commands_processed:1000
total_error_replies:0
evicted_keys:0
rejected_connections:0
# Replication
role:master
connected_slaves:1
slave0:ip=10.0.0.5,port=6379,state=online,offset=100,lag=0
# Keyspace
db0:keys=1000,expires=10,avg_ttl=0
"""
"""What a node shows: an AOF that is off, a last save that was its start, changes that count on."""


def _node(system: str) -> Handler:
    replies = {
        b"INFO": INFO.format(system=system).replace("\n", "\r\n"),
        b"TIME": ["1700000000", "0"],
        b"CONFIG": {"error": "ERR unknown command 'CONFIG'"},
    }

    async def serve(peer: Peer) -> None:
        while (words := await peer.command()) is not None:
            await peer.send(encode(replies.get(words[0], {"error": "ERR unknown command"})))

    return serve


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _checked(system: str) -> Report:
    with Stub(_node(system)) as stub:
        return check([f"redis://127.0.0.1:{stub.port}"], profile="strict")


SERVICES = [("Amazon ElastiCache", "elasticache"), ("Amazon MemoryDB", "memorydb")]


@pytest.mark.parametrize(("system", "service"), SERVICES)
def test_no_finding_about_files_of_a_managed_service(system: str, service: str) -> None:
    report = _checked(system)
    found = {finding.rule for finding in report.findings}
    assert "RL306" in found, "what INFO does tell is judged"
    assert not [rule for rule in found if rule.startswith("RL2")]
    hints = {one.rule: one.hint for one in report.outcomes if one.kind is OutcomeKind.UNKNOWN}
    for rule in ("RL226", "RL229"):
        assert f"audit the service ({service}://REGION)" in hints[rule], rule


def test_the_same_of_a_server_of_ones_own_is_judged() -> None:
    found = {finding.rule for finding in _checked("Linux 6.1.0").findings}
    assert "RL306" in found
    with Stub(_node("Linux 6.1.0")) as stub:
        (target,) = facts([f"redis://127.0.0.1:{stub.port}"]).targets
    assert target.facts["persistence.aof"].value is False
    assert target.facts["target.managed"].value is False


@pytest.mark.parametrize(("system", "service"), SERVICES)
def test_facts_of_a_managed_service(system: str, service: str) -> None:
    with Stub(_node(system)) as stub:
        (target,) = facts([f"redis://127.0.0.1:{stub.port}"]).targets
    told = target.facts
    assert told["cloud.service"].value == service
    assert told["target.managed"].value is True
    assert told["memory.dataset"].value == 2_000_000_000
    assert told["replication.in_sync"].value == 1
    assert told["persistence.aof"].basis == "a managed service has no AOF of yours"
    of_info = ("aof_write_failed", "save_failed", "failing", "never_saved", "last_save_age")
    assert not {f"persistence.{name}" for name in of_info} & set(told)
    assert "appendonly" not in {setting.name for setting in target.settings}
    assert "audit the service" in target.unknown["persistence.last_save_age"]

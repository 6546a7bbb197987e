"""Replicas of real servers that are cut off, and primaries that would come back empty: raised
while it lasts, gone after the repair."""

from __future__ import annotations

import pytest

from tests.policy_rules.conftest import BadServers
from tests.support.bad_states import BadServer
from tests.support.real_server import free_port

pytestmark = pytest.mark.server


def replication(server: BadServer) -> dict[str, str]:
    """The rules about the link and about empty primaries that the server breaks."""
    findings = server.audit(profile="strict").findings
    told = {finding.rule: finding.severity.value for finding in findings}
    return {rule: told[rule] for rule in ("RL506", "RL509") if rule in told}


def follow(replica: BadServer, primary: BadServer) -> None:
    replica.redis.replicaof("127.0.0.1", primary.port)
    replica.reaches("master_link_status", "up")


def test_a_replica_without_its_primary(servers: BadServers) -> None:
    primary, replica = servers(), servers("repl-diskless-sync-delay 0\n")
    replica.redis.replicaof("127.0.0.1", free_port())
    assert replica.info("master_link_status") == "down"
    assert replication(replica) == {"RL506": "error"}
    assert "was never up" in replica.message("RL506")
    follow(replica, primary)
    assert replication(replica) == {}


def test_a_primary_without_persistence(servers: BadServers) -> None:
    primary = servers('save ""\nrepl-diskless-sync-delay 0\n')
    replica = servers()
    assert replication(primary) == {}
    follow(replica, primary)
    assert replication(primary) == {"RL509": "warning"}
    primary.redis.config_set("save", "3600 1")
    assert replication(primary) == {}
    primary.redis.config_set("save", "")
    replica.redis.replicaof("NO", "ONE")
    primary.reaches("connected_slaves", 0)
    assert replication(primary) == {}


def test_a_replica_without_persistence_is_only_told_so(servers: BadServers) -> None:
    primary, replica = servers(), servers('save ""\n')
    assert replica.audit(profile="strict", select=["RL201"]).findings[0].severity.value != "info"
    follow(replica, primary)
    (finding,) = replica.audit(profile="strict", select=["RL201"]).findings
    assert finding.severity.value == "info"
    replica.redis.config_set("save", "3600 1")
    assert replica.audit(profile="strict", select=["RL201"]).findings == ()

"""Host facts joined to a target: which server it is, and the worse of two volumes."""

from __future__ import annotations

from typing import Any

import pytest

from redislint.facts.host import check_document, host_facts


def directory(path: str, **facts: Any) -> dict[str, Any]:
    return {"path": path, "facts": facts, "unknown": {}}


def server(pid: int, *directories: dict[str, Any], **facts: Any) -> dict[str, Any]:
    return {
        "pid": pid,
        "inner_pids": [pid, 1],
        "program": "redis-server",
        "facts": facts,
        "directories": list(directories),
        "unknown": {"server_numa_nodes": "Permission denied"},
    }


def document(*servers: dict[str, Any], **facts: Any) -> dict[str, Any]:
    return {
        "format": "redislint-host",
        "version": 1,
        "facts": facts,
        "servers": list(servers),
        "directories": [],
        "unknown": {"oom_kills": "/dev/kmsg: Operation not permitted; root may read it"},
    }


def values(*arguments: Any, **options: Any) -> dict[str, Any]:
    return {path: fact.value for path, fact in host_facts(*arguments, **options).facts.items()}


def test_the_server_is_found_by_its_process() -> None:
    two = document(server(10, open_files=1024), server(20, open_files=4096))
    assert values(two, pid=20)["host.open_files"] == 4096
    assert "host.open_files" not in values(two, pid=30)
    assert "no server process 30" in host_facts(two, pid=30).unknown["host.open_files"]


def test_two_containers_with_one_inner_process_id() -> None:
    two = document(
        server(10, directory("/data/a", free=1), open_files=1024),
        server(20, directory("/data/b", free=2), open_files=4096),
    )
    assert values(two, pid=1, directory="/data/b")["host.open_files"] == 4096
    assert "cannot be told" in host_facts(two, pid=1).unknown["host.open_files"]
    assert values(document(server(10, open_files=7)))["host.open_files"] == 7


def test_the_worse_of_two_volumes_counts() -> None:
    found = values(
        document(
            server(
                10,
                directory("/data", free=9, used_share=0.1, read_only=False, writable=True,
                          not_writable=[], rdb_files={"dump.rdb": 7}, aof=False),
                directory("/data/aof", free=3, used_share=0.97, read_only=True, aof=True),
            )
        )
    )  # fmt: skip
    assert found["disk.free"] == 3
    assert found["disk.used_share"] == 0.97
    assert found["disk.read_only"] is True
    assert found["disk.rdb_size"] == 7
    assert found["disk.aof_exists"] is True
    assert "disk.writable" not in found


def test_what_was_not_read_is_unknown_with_its_reason() -> None:
    found = host_facts(document(server(10), vm_overcommit_memory=1))
    assert found.facts["host.vm_overcommit_memory"].value == 1
    assert "root may read it" in found.unknown["host.oom_kills"]
    assert found.unknown["host.server_numa_nodes"] == "Permission denied"
    assert "disk" in found.unknown


def test_limits_of_the_machine_are_not_taken_for_those_of_a_container() -> None:
    found = values(document(server(10, cpus=1.5), cpus=16.0, somaxconn=4096))
    assert found["host.cpus"] == 1.5
    assert "host.somaxconn" not in found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "x"}, "not facts of a host"),
        ({"version": 9}, "in version 9: expected 1"),
        ({"servers": None}, "'servers' is missing"),
    ],
)
def test_another_document_is_refused(change: dict[str, Any], said: str) -> None:
    assert check_document(document()) == document()
    with pytest.raises(ValueError, match=said):
        check_document({**document(), **change})
    with pytest.raises(ValueError, match="not facts of a host"):
        check_document([])

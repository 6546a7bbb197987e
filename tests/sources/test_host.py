"""The collector of host facts: on trees made for it, on this machine, on old Pythons."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from redislint.facts.host import check_document, host_facts
from redislint.sources import host
from redislint.sources.host import disk
from redislint.sources.host.script import MODULES, script

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc and /sys of Linux")

FILES = {
    "proc/sys/vm/overcommit_memory": "0\n",
    "proc/sys/vm/swappiness": "60\n",
    "proc/sys/vm/dirty_expire_centisecs": "3000\n",
    "proc/sys/vm/dirty_writeback_centisecs": "500\n",
    "proc/sys/net/core/somaxconn": "128\n",
    "proc/meminfo": "MemTotal: 8000 kB\nMemAvailable: 2000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n",
    "proc/uptime": "1000000.00 1.0\n",
    "sys/kernel/mm/transparent_hugepage/enabled": "[always] madvise never\n",
    "sys/devices/system/clocksource/clocksource0/current_clocksource": "xen\n",
    "sys/devices/system/clocksource/clocksource0/available_clocksource": "xen tsc\n",
    "etc/passwd": "root:x:0:0::/root:/bin/sh\nredis:x:999:999::/var/lib/redis:/bin/false\n",
    "dev/kmsg": (
        "3,1,1000,-;EXT4-fs error (device vdb): too old to count\n"
        "3,2,999990000000,-;EXT4-fs error (device vdb): ext4_find_entry\n"
        "3,3,999000000000,-;Out of memory: Killed process 812 (redis-server) total-vm:1kB\n"
        "6,4,999990000001,-;usb 1-1: new device\n"
    ),
    "proc/812/comm": "redis-server\n",
    "proc/812/status": (
        "Name:\tredis-server\nUid:\t999\t999\t999\t999\nGid:\t999\t999\t999\t999\n"
        "Groups:\t999\nNSpid:\t812\t1\nVmSwap:\t    64 kB\nCpus_allowed_list:\t0-3\n"
    ),
    "proc/812/limits": "Max open files        1024             4096             files\n",
    "proc/812/cgroup": "0::/pod/redis\n",
    "proc/812/numa_maps": "7f00 default N0=3 N1=4\n",
    "proc/7/comm": "bash\n",
    "sys/fs/cgroup/pod/redis/memory.max": "max\n",
    "sys/fs/cgroup/pod/redis/cpu.max": "max 100000\n",
    "sys/fs/cgroup/pod/memory.max": "6000000\n",
    "sys/fs/cgroup/pod/memory.current": "5000000\n",
    "sys/fs/cgroup/pod/memory.stat": "anon 1\ninactive_file 1000000\n",
    "sys/fs/cgroup/pod/cpu.max": "150000 100000\n",
}


@pytest.fixture(scope="module")
def valid(root: Path) -> Callable[[Any], None]:
    schema = json.loads((root / "schemas" / "host.schema.json").read_bytes())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema).validate


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The files of a small host, with a server whose data directory is `data`."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    data = tmp_path / "data"
    data.mkdir()
    (data / "dump.rdb").write_bytes(b"x" * 10)
    (tmp_path / "proc/812/cwd").symlink_to(data)
    for process in ("self", "812"):
        (tmp_path / "proc" / process / "ns").mkdir(parents=True)
        (tmp_path / "proc" / process / "ns/net").symlink_to("net:[1]")
    number = os.stat(data).st_dev
    line = f"1 0 {os.major(number)}:{os.minor(number)} / {data} rw,relatime - nfs4 srv:/v rw\n"
    (tmp_path / "proc/812/mountinfo").write_text(line)
    (tmp_path / "proc/self/mountinfo").write_text(line)
    return tmp_path


def test_a_host_made_for_it(tree: Path, valid: Callable[[Any], None]) -> None:
    found = host.collect(str(tree), now=1.0)
    valid(found)
    facts = found["facts"]
    assert facts["vm_overcommit_memory"] == 0
    assert facts["transparent_hugepage"] == "always"
    assert facts["dirty_expire"] == 30.0
    assert facts["memory_available"] == 2000 * 1024
    assert facts["clocksource"] == "xen"
    assert facts["storage_errors"] == ["EXT4-fs error (device vdb): ext4_find_entry"]
    assert facts["oom_kills"] == ["Killed process 812 (redis-server)"]
    assert [server["pid"] for server in found["servers"]] == [812]
    server = found["servers"][0]
    assert server["inner_pids"] == [812, 1]
    assert server["facts"] == {
        "open_files": 4096,
        "server_swap": 65536,
        "server_user": "redis",
        "server_numa_nodes": 2,
        "somaxconn": 128,
        "cgroup_memory_max": 6_000_000,
        "cgroup_memory_used": 5_000_000,
        "cgroup_inactive_file": 1_000_000,
        "cpus": 1.5,
    }
    directory = server["directories"][0]["facts"]
    assert directory["network"] is True
    assert directory["fstype"] == "nfs4"
    assert directory["rdb_files"] == {"dump.rdb": 10}
    assert directory["aof"] is False


def test_the_old_cgroups(tree: Path) -> None:
    (tree / "proc/812/cgroup").write_text("4:cpu,cpuacct:/x\n3:memory:/docker/abc\n")
    for name, limit in (("docker", "9223372036854771712"), ("docker/abc", "2097152")):
        folder = tree / "sys/fs/cgroup/memory" / name
        folder.mkdir(parents=True)
        (folder / "memory.limit_in_bytes").write_text(limit)
    (folder / "memory.usage_in_bytes").write_text("1048576")
    (folder / "memory.stat").write_text("total_inactive_file 4096\n")
    facts = host.collect(str(tree))["servers"][0]["facts"]
    assert facts["cgroup_memory_max"] == 2097152
    assert facts["cgroup_inactive_file"] == 4096


def test_no_limit_is_known_to_be_none(tree: Path) -> None:
    (tree / "proc/812/cgroup").write_text("0::/\n")
    assert host.collect(str(tree))["servers"][0]["facts"]["cgroup_memory_max"] == 0


@pytest.mark.parametrize(
    ("mode", "owner", "writable"),
    [(0o755, 0, False), (0o777, 0, True), (0o700, 999, True), (0o500, 999, False)],
)
def test_who_may_write(mode: int, owner: int, writable: bool) -> None:
    info = os.stat_result((0o040000 | mode, 1, 1, 1, owner, owner, 0, 0, 0, 0))
    assert disk._may(info, 999, {999}) is writable
    assert disk._may(info, 0, {0}) is True


def test_another_network_is_not_this_one(tree: Path) -> None:
    (tree / "proc/812/ns/net").unlink()
    (tree / "proc/812/ns/net").symlink_to("net:[2]")
    server = host.collect(str(tree))["servers"][0]
    assert "somaxconn" not in server["facts"]
    assert "network of its own" in server["unknown"]["somaxconn"]


def test_configuration_that_everybody_may_write(tree: Path) -> None:
    def told() -> Any:
        return host.collect(str(tree))["facts"].get("open_config_files")

    assert told() is None
    folder = tree / "etc" / "redis"
    folder.mkdir(parents=True)
    for name, mode in (("redis.conf", 0o640), ("users.acl", 0o666), ("notes.txt", 0o666)):
        (folder / name).write_text("")
        (folder / name).chmod(mode)
    assert told() == ["/etc/redis/users.acl (0666)"]
    folder.chmod(0o777)
    assert told() == ["/etc/redis (0777)", "/etc/redis/users.acl (0666)"]
    folder.chmod(0o1777)
    assert told() == ["/etc/redis/users.acl (0666)"]


def test_what_is_missing_has_its_reason(tmp_path: Path, valid: Callable[[Any], None]) -> None:
    found = host.collect(str(tmp_path), pids=[1], dirs=("/nowhere",), logs=("/nowhere",))
    valid(found)
    assert "vm_overcommit_memory" in found["unknown"]
    assert "oom_kills" in found["unknown"]
    assert "No such file" in found["servers"][0]["unknown"]["directories"]
    assert found["directories"][0]["unknown"]


def test_a_log_is_counted_and_not_copied(tree: Path, tmp_path: Path) -> None:
    log = tmp_path / "redis.log"
    log.write_text("# Can't save in background: fork: Cannot allocate memory\n" * 3 + "SECRET\n")
    found = host.collect(str(tree), logs=(str(log),))
    assert found["servers"][0]["facts"]["log_evidence"] == ["fork failed (3 times)"]
    assert "SECRET" not in json.dumps(found)


def test_this_machine(valid: Callable[[Any], None], tmp_path: Path) -> None:
    found = host.collect(pids=[os.getpid()], dirs=(str(tmp_path),))
    valid(found)
    total = int(Path("/proc/meminfo").read_text().split()[1]) * 1024
    assert found["facts"]["memory_total"] == total
    server = found["servers"][0]
    assert server["directories"][0]["path"] == os.getcwd()
    assert server["facts"]["open_files"] > 0
    free = shutil.disk_usage(tmp_path).free
    assert found["directories"][0]["facts"]["free"] == pytest.approx(free, rel=0.05)


@pytest.mark.server
def test_a_real_server_is_found_and_joined(redis_server: str, tmp_path: Path) -> None:
    arguments = ["--port", "0", "--dir", str(tmp_path), "--unixsocket", str(tmp_path / "s")]
    process = subprocess.Popen([redis_server, *arguments], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if b"eady to accept connections" in line or b"now ready" in line:
                break
        document = check_document(json.loads(json.dumps(host.collect(pids=[process.pid]))))
    finally:
        process.kill()
        process.communicate()
    found = host_facts(document, pid=process.pid, directory=str(tmp_path))
    values = {path: fact.value for path, fact in found.facts.items()}
    assert values["disk.paths"] == [str(tmp_path)]
    assert values["disk.writable"] is True
    assert values["disk.free"] > 0
    assert values["disk.rdb_exists"] is False
    assert values["host.server_swap"] == 0


def test_it_stands_alone() -> None:
    """Python 3.7 reads the single file, and it imports the standard library only."""
    module = ast.parse(script(), feature_version=(3, 7))
    defined = [n.name for n in module.body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    assert len(defined) == len(set(defined)), "two modules define one name"
    for node in ast.walk(module):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [str(node.module)]
        for name in names:
            assert name.partition(".")[0] in sys.stdlib_module_names
        if isinstance(node, ast.Attribute):
            assert node.attr not in ("removeprefix", "removesuffix", "is_relative_to")


def test_every_module_of_the_collector_is_in_the_single_file() -> None:
    folder = Path(host.__file__).parent
    assert {path.stem for path in folder.glob("*.py")} - {"__init__", "script"} == set(MODULES)


@pytest.mark.parametrize("name", ["python3.7", "python3.8", "python3.9", "python3"])
def test_it_runs_as_a_file(name: str, valid: Callable[[Any], None]) -> None:
    python = shutil.which(name)
    works = python and subprocess.run([python, "-c", ""], capture_output=True).returncode == 0
    if not works:
        pytest.skip(f"needs {name}")
    command = [str(python), "-I", "-S", "-", "--dir", "/"]
    done = subprocess.run(command, input=script().encode(), capture_output=True)
    assert done.stderr == b""
    document = json.loads(done.stdout)
    valid(document)
    assert document["facts"]["memory_total"] == host.collect()["facts"]["memory_total"]
    wrong = subprocess.run([*command[:4], "--what"], input=script().encode(), capture_output=True)
    assert (wrong.returncode, wrong.stdout) == (2, b"")


def test_when_a_process_began(tree: Path) -> None:
    def began() -> float | None:
        (server,) = host.collect(str(tree), now=1.0)["servers"]
        found: float | None = server.get("started_at")
        return found

    assert began() is None
    (tree / "proc/stat").write_text("cpu  1 2 3\nbtime 1700000000\n")
    ticks = os.sysconf("SC_CLK_TCK")
    (tree / "proc/812/stat").write_text(f"812 (a) b) S {'1 ' * 18}{5 * ticks} 0 0\n")
    assert began() == 1700000005
    (tree / "proc/812/stat").write_text("812 (redis) S 1\n")
    assert began() is None


def test_a_wrong_call_says_how(capsys: pytest.CaptureFixture[str]) -> None:
    assert host.main(["--pid", "x"]) == 2
    assert host.main(["--what"]) == 2
    assert "usage: host.py" in capsys.readouterr().err

"""Liveness probes that end a server which is alive, and kernel settings beside sysctl.d."""

from __future__ import annotations

from pathlib import Path

import pytest

from redislint.audit import check
from redislint.audit.facts import facts

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: queue}
spec:
  containers:
  - name: redis
    image: redis:7.2
    args: [--appendonly, "%s"]
    resources: {}
%s"""


@pytest.mark.parametrize(
    ("probe", "strict"),
    [
        ("", False),
        ("{tcpSocket: {port: 6379}}", False),
        ("{exec: {command: [redis-cli, ping]}}", False),
        ("{exec: {command: [redis-cli, -e, ping]}}", True),
        ("{exec: {command: [sh, -c, 'redis-cli -a $P ping | grep -q PONG']}}", True),
        ("{exec: {command: [sh, -c, '[ \"$(valkey-cli ping)\" = PONG ]']}}", True),
        ("{exec: {command: [sh, -c, 'redis-cli ping | grep -E \"PONG|LOADING|MISCONF\"']}}", False),
        ("{exec: {command: [sh, -c, /health/ping.sh]}}", None),
    ],
)
def test_whether_an_error_reply_to_ping_is_death(
    tmp_path: Path, probe: str, strict: bool | None
) -> None:
    path = tmp_path / "pod.yaml"
    path.write_text(POD % ("yes", f"    livenessProbe: {probe}\n" if probe else ""))
    (target,) = facts([path]).targets
    told = target.facts.get("container.strict_liveness")
    assert (told.value if told else None) is strict
    report = check([path], select=["RL814"])
    places = [(f.span.line, f.span.column) for f in report.findings if f.span]
    assert places == ([(10, 20)] if strict else [])


def test_a_server_that_keeps_nothing_may_be_ended(tmp_path: Path) -> None:
    path = tmp_path / "pod.yaml"
    text = POD % ("no", "    livenessProbe: {exec: {command: [redis-cli, -e, ping]}}\n")
    path.write_text(text.replace('"no"', '"no", --save, ""'))
    assert check([path], select=["RL814"]).findings == ()


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "tuned.conf",
            "[main]\nsummary=redis hosts\n[vm]\ntransparent_hugepages=never\n"
            "[sysctl]\nvm.overcommit_memory=1\nnet.core.somaxconn = 2048\n",
            {"transparent_hugepage": "never", "vm_overcommit_memory": 1, "somaxconn": 2048},
        ),
        (
            "rc.local",
            "#!/bin/sh\n# for redis\necho madvise > /sys/kernel/mm/transparent_hugepage/enabled\n"
            "sysctl -w vm.overcommit_memory=1\nexit 0\n",
            {"transparent_hugepage": "madvise", "vm_overcommit_memory": 1},
        ),
        (
            "rc.local",
            "#!/bin/sh\n# for redis\n# echo never > /sys/kernel/mm/transparent_hugepage/enabled\n"
            "sysctl -w net.core.somaxconn=512\n",
            {"somaxconn": 512},
        ),
    ],
)
def test_kernel_settings_of_tuned_and_of_scripts_at_boot(
    tmp_path: Path, name: str, text: str, expected: dict[str, object]
) -> None:
    (tmp_path / name).write_text(text)
    (target,) = facts([tmp_path]).targets
    found = {path[5:]: f.value for path, f in target.facts.items() if path.startswith("host.")}
    assert found == expected


def test_kernel_settings_are_judged_where_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "90-redis-sysctl.conf"
    path.write_text("# redis\nnet.core.somaxconn = 1024\nvm.overcommit_memory = 0\n")
    report = check([tmp_path], profile="strict")
    assert [(f.rule, f.span.line, f.span.column) for f in report.findings if f.span] == [
        ("RL701", 3, 24)
    ]
    path.write_text("net.core.somaxconn = 1024\nvm.overcommit_memory = 1\n")
    assert check([tmp_path], profile="strict").findings == ()

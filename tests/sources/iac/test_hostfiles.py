"""Dockerfiles, systemd units and sysctl fragments."""

from __future__ import annotations

from pathlib import Path

import pytest

from redislint import audit
from redislint.model import Target
from tests.sources.iac.conftest import Make, Repository

UNIT = """\
[Unit]
Description=Redis %i
[Service]
ExecStart=/bin/true
ExecStart=-/usr/bin/redis-server /etc/redis/%i.conf --port ${PORT} \\
    --supervised systemd --maxmemory 1gb
LimitNOFILE=1024:4096
MemoryMax=2G
"""


def only(found: Repository) -> Target:
    (target,) = found.report.targets
    return target


def settings(found: Repository) -> list[tuple[str, str]]:
    return [(s.name, s.text if s.known else "?") for s in only(found).settings]


def places(found: Repository) -> list[str]:
    return [found.text_at(setting) for setting in only(found).settings]


@pytest.mark.parametrize(
    "run",
    [
        'CMD ["redis-server", "--port", "7000", "--save", "20 1"]\n',
        'CMD ["--port", "7000", "--save", "20 1"]\n',
        'ENTRYPOINT ["redis-server"]\nCMD [ "--port" , "7000" , "--save" , "20 1" ]\n',
        "CMD redis-server --port 7000 --save '20 1'\n",
        'CMD exec redis-server \\\n  # why\n  --port 7000 \\\n  --save "20 1"\n',
        'CMD ["x"]\nCMD ["redis-server", "--port", "7000", \\\n     "--save", "20 1"]\n',
    ],
)
def test_every_form_of_a_dockerfile_command(repository: Make, run: str) -> None:
    found = repository({"Dockerfile": f"FROM redis:7.2-alpine\n{run}"})
    assert settings(found) == [("port", "7000"), ("save", "20 1")]
    assert places(found) == ["7000", "20 1"]
    assert str(only(found).server) == "redis-7.2"
    assert not only(found).assumed


def test_a_copied_configuration_is_read_where_it_stands(repository: Make) -> None:
    dockerfile = "ARG V=8.0\nFROM valkey/valkey:$V AS base\nFROM base\nCOPY conf/cache.conf /etc/\n"
    dockerfile += 'CMD ["valkey-server", "/etc/cache.conf", "--appendonly", "no"]\n'
    files = {"Dockerfile": dockerfile, "conf/cache.conf": "appendonly yes\nport 7000\n"}
    found = repository(files)
    target = next(t for t in found.report.targets if t.kind == "dockerfile")
    assert str(target.server) == "valkey-8.0"
    assert [(s.name, s.text, s.effective) for s in target.settings] == [
        ("appendonly", "yes", False),
        ("port", "7000", True),
        ("appendonly", "no", True),
    ]
    spans = [s.span.path for s in target.settings if s.span]
    assert spans == ["conf/cache.conf", "conf/cache.conf", "Dockerfile"]


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        ("WORKDIR /etc/redis\nCOPY redis.conf .\n", "/etc/redis/redis.conf"),
        ("WORKDIR /etc\nWORKDIR redis\nCOPY redis.conf ./\n", "redis.conf"),
        ("COPY redis.conf redis.conf\n", "/data/redis.conf"),
    ],
)
def test_copies_go_into_the_working_directory(repository: Make, lines: str, named: str) -> None:
    dockerfile = f'FROM redis:7.2\n{lines}CMD ["redis-server", "{named}"]\n'
    found = repository({"Dockerfile": dockerfile, "redis.conf": "port 7000\n"})
    target = next(t for t in found.report.targets if t.kind == "dockerfile")
    assert [(s.name, s.text) for s in target.settings] == [("port", "7000")]


def test_a_stage_goes_on_from_all_that_its_base_has(repository: Make) -> None:
    base = "FROM redis:7.2 AS base\nWORKDIR /etc\nCOPY redis.conf .\n"
    base += 'CMD ["redis-server", "redis.conf"]\n'
    found = repository({"Dockerfile": f"{base}FROM base\n", "redis.conf": "port 7000\n"})
    target = next(t for t in found.report.targets if t.kind == "dockerfile")
    assert [(s.name, s.text) for s in target.settings] == [("port", "7000")]


def test_other_images_are_no_servers(repository: Make) -> None:
    found = repository(
        {
            "a/Dockerfile": "FROM python:3.12\nRUN pip install redis\nCMD python app.py\n",
            "b/Dockerfile": 'FROM redis:7\nENTRYPOINT ["redis-cli"]\n',
        }
    )
    assert found.report.targets == ()
    assert found.report.errors == ()


def test_a_unit(repository: Make) -> None:
    found = repository({"redis@.service": UNIT})
    assert settings(found) == [
        ("port", "?"),
        ("supervised", "systemd"),
        ("maxmemory", "1073741824"),
    ]
    assert places(found) == ["${PORT}", "systemd", "1gb"]
    facts = only(found).facts
    assert facts["host.cgroup_memory_max"].value == 2 << 30


def test_a_template_of_a_unit(repository: Make) -> None:
    start = "ExecStart=<%= $bin %>/<%= $provider %>-server <%= $conf %> --daemonize no"
    found = repository({"redis.service.epp": f"[Service]\n{start}\n"})
    assert settings(found) == [("daemonize", "no")]
    assert places(found) == ["no"]


def test_kernel_settings_are_those_of_a_host(repository: Make) -> None:
    text = "# tuning\nvm.overcommit_memory=0\nnet.core.somaxconn = 512\nkernel.sysrq = 1\n"
    text += "vm/overcommit_memory = 2\n"
    found = repository({"etc/sysctl.d/30-cache.conf": text})
    target = only(found)
    assert target.kind == "sysctl"
    assert [(s.name, s.text, s.effective) for s in target.settings] == [
        ("vm.overcommit_memory", "0", False),
        ("net.core.somaxconn", "512", True),
        ("vm/overcommit_memory", "2", True),
    ]
    assert places(found) == ["0", "512", "2"]
    assert target.facts["host.vm_overcommit_memory"].value == 2


def test_findings_point_into_the_host_file(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(
        'FROM redis:7.2\nCMD ["redis-server", "--apendonly", "yes"]\n'
    )
    report = audit.check([tmp_path / "Dockerfile"])
    wrong = next(f for f in report.findings if f.rule == "RL101")
    assert wrong.span is not None
    assert (wrong.span.line, wrong.span.column) == (2, 25)


def test_a_drop_in_is_no_redis_conf(tmp_path: Path) -> None:
    path = tmp_path / "limit.conf"
    path.write_text("[Service]\nLimitNOFILE=10240\n")
    assert audit.check([path]).findings == ()


@pytest.mark.parametrize(
    "text",
    ["FROM redis\nCMD [" + '"a",' * 20_000, "FROM redis\nRUN a \\\n" * 20_000, "FROM ${" * 5_000],
)
def test_hostile_dockerfiles_end(tmp_path: Path, text: str) -> None:
    (tmp_path / "Dockerfile").write_text(text)
    audit.check([tmp_path / "Dockerfile"])
    assert audit.check([tmp_path / "Dockerfile"]).errors == ()

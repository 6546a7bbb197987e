"""Passwords and key material reach no output: no format, no error, no debug output."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redislint.reports import FORMATS

Run = Callable[..., Any]

CANARY = "c4n4rY-S3cr3t"

LINES = [
    f"requirepass {CANARY}",
    f"requirepass {CANARY} # the password",
    f'requirepass "{CANARY}',
    f"requirepas {CANARY}",
    f"REQUIREPASS={CANARY}",
    f"masterauth {CANARY} extra",
    f"masteruser {CANARY}\nmasterauth",
    f"user app on >{CANARY} ~* +@all nonsense",
    f"user app on >{CANARY} +@nonsense",
    f"user app on nopass ({CANARY} ~*",
    f"user app on #{CANARY}",
    f"user app on <{CANARY}\nuser app on",
    f"aclfile users.acl\nuser app on >{CANARY}",
    f"tls-key-file-pass {CANARY} {CANARY}",
    f"tls-client-key-file-pass '{CANARY}",
    f"requirepass a\nrequirepass {CANARY}",
    f"sentinel auth-pass mymaster {CANARY}",
    f"sentinel auth-pass mymaster {CANARY} {CANARY}",
    f"sentinel sentinel-pass {CANARY}",
    f"loadmodule /m.so password={CANARY}",
    f"requirepass\t{CANARY}\0rest",
    f"\ufeffrequirepass {CANARY}",
    f"rename-command CONFIG {CANARY}\nrequirepass {CANARY}",
    f"primaryauth {CANARY}",
]
BASE = ("--show", "pass,unknown,not-applicable,waived", "--verbose")


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("line", [x for x in LINES if "rename-command" not in x])
def test_no_report_shows_a_secret(run: Run, tmp_path: Path, form: str, line: str) -> None:
    path = tmp_path / "redis.conf"
    path.write_bytes(f"port 6379\n{line}\nnonsense 1\n".encode())
    for servers in ((), ("--server", "redis-7.2"), ("--server", "redis-5.0")):
        outcome = run("check", path, "--format", form, *BASE, *servers)
        assert outcome.code in (0, 1)
        assert CANARY not in outcome.out + outcome.err


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("line", [x for x in LINES if "rename-command" not in x])
def test_facts_and_diff_show_no_secret(run: Run, tmp_path: Path, form: str, line: str) -> None:
    path = tmp_path / "redis.conf"
    path.write_bytes(f"port 6379\n{line}\n".encode())
    for command in (
        ("facts", path, "--all"),
        ("facts", path, "--server", "redis-7.2"),
        ("diff", "redis-7.2", path),
    ):
        outcome = run(*command, "--format", form)
        assert CANARY not in outcome.out + outcome.err


@pytest.mark.parametrize("form", FORMATS)
def test_an_acl_file_shows_no_secret(run: Run, tmp_path: Path, form: str) -> None:
    path = tmp_path / "users.acl"
    path.write_text(
        f"user a on >{CANARY} +@nonsense\n{CANARY}\nuser b >{CANARY} ({CANARY}\n"
        f"usr c >{CANARY}\nuser a on >{CANARY}\n# user d >{CANARY}\n"
    )
    outcome = run("check", path, "--format", form, *BASE)
    assert outcome.code == 1
    shown = outcome.out.replace(f"2 | {CANARY}", "").replace(f'"text": "{CANARY}"', "")
    assert CANARY not in shown + outcome.err


def test_an_include_chain_shows_no_secret(run: Run, tmp_path: Path) -> None:
    (tmp_path / "redis.conf").write_text("include a.conf\n")
    (tmp_path / "a.conf").write_text(f"requirepass {CANARY} extra\ninclude b.conf\n")
    (tmp_path / "b.conf").write_text(f"user x on >{CANARY} nonsense\ninclude redis.conf\n")
    for form in FORMATS:
        outcome = run("check", tmp_path / "redis.conf", "--format", form, *BASE)
        assert outcome.code == 1
        assert CANARY not in outcome.out + outcome.err

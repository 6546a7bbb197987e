"""No password of a configuration is in a report for CI, whatever is wrong around it."""

from __future__ import annotations

from pathlib import Path

import pytest

import redislint
from redislint.reports import FORMATS, Options, renderer

CANARY = "cAnArY7f3e"
CONF = f"""\
requirepass {CANARY}-one
requirepass "{CANARY}-two
masterauth {CANARY}-three extra words
masteruser {CANARY}-name
requirepas {CANARY}-four
user alice on >{CANARY}-five ~* +@all
user bob on >{CANARY}-six +@nothing
user carol on #{CANARY}
tls-key-file-pass {CANARY}-seven
tls-client-key-file-pass {CANARY}-seven x
include {{included}}
loadmodule /m.so PASSWORD {CANARY}-nine
# redislint: disable=RL110 reason="the password is not {{word}}"
appendonly true
"""


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("server", ["redis-5.0", "redis-7.2", "valkey-9.1"])
def test_no_canary(form: str, server: str, tmp_path: Path) -> None:
    included = tmp_path / "more.conf"
    included.write_text(f"requirepass {CANARY}-eight trailing\nsave nonsense\n")
    acl = tmp_path / "users.acl"
    acl.write_text(
        f"user dave on >{CANARY}-ten ~* +@all\nuser dave on >{CANARY}-ten\nbad {CANARY}\n"
    )
    conf = tmp_path / "redis.conf"
    conf.write_text(CONF.format(included=included, word="here"))
    report = redislint.check([str(conf), str(acl)], server=server)
    assert report.findings
    shown = frozenset({"pass", "unknown", "not-applicable", "waived"})
    for options in (Options(), Options(verbose=True, show=shown)):
        assert CANARY not in renderer(form)(report, options)

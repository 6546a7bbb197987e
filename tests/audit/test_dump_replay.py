"""The effective configuration of recorded servers, written and read again."""

from __future__ import annotations

from pathlib import Path

import pytest

from redislint.audit import check
from redislint.audit.dump import file_name
from redislint.sources.live.options import LiveOptions
from tests.audit.test_drift_replay import VERSIONS
from tests.support.resp_stub import Recording, Stub

STATES = ("healthy-hybrid-everysec", "drift-emergency-switches", "replica-healthy", "requirepass")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("state", STATES)
def test_a_dump_says_what_the_server_said(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, state: str
) -> None:
    """Written, read as that version reads it, and compared with the same server: nothing
    but what was hidden differs."""
    monkeypatch.chdir(tmp_path)
    recording = Recording(shared / "data" / "states" / state / f"{version}.json")
    password = ""
    if not recording.authenticated:
        name, secret = recording.credentials[0]
        password = f"{name}:{secret}@"
    set_there = {
        name for name, value in recording.record["replies"]["CONFIG GET *"].items() if value
    }
    primary = "primaryauth" if version[:8] in ("valkey-8", "valkey-9") else "masterauth"
    hidden = set_there & {"requirepass", primary}
    with Stub(recording.serve) as stub:
        url, identity = (f"redis://{p}127.0.0.1:{stub.port}" for p in (password, ""))
        live = LiveOptions()
        check([url], select=["RL801"], live=live, dump_effective="e")
        path = Path("e") / file_name(identity)
        report = check([url], select=["RL801"], live=live, conf=path)
    assert report.errors == ()
    told = {finding.directives[0] for finding in report.findings}
    assert told == hidden
    assert "CANARY" not in path.read_text()
    assert path.read_text().startswith(f"# redislint: engine={version.partition('-')[0]} ")

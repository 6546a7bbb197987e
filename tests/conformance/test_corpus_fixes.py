"""Real host files of public repositories: every fix that is offered can be written, and
changes nothing else in its file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from redislint import audit
from redislint.audit.fixing import Fixed, Wanted, fix
from redislint.audit.inputs import Inputs

CORPUS = Path(__file__).parents[2] / "../shared/corpus"

pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpus of real files is not beside this checkout (../shared)"
)

LEAST = {
    "compose": 30,
    "kubernetes": 10,
    "templates": 10,
    "terraform": 3,
    "cloudformation": 0,
    "host": 3,
}
"""Findings fixed at least in each folder, so that writing nothing is no success."""

_DAMAGE = re.compile("other settings of|the same server|another server|could not be read")


def fixed(folder: str) -> Fixed:
    def check(texts: Mapping[str, bytes]) -> audit.Report:
        return audit.check([folder], profile="strict", workload="queue", texts=texts)

    wanted = Wanted(unsafe=True, inputs=lambda texts: Inputs.of([folder], texts=texts))
    return fix(check, wanted)


@pytest.mark.parametrize("folder", sorted(LEAST))
def test_no_fix_damages_its_file(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CORPUS)
    found = fixed(folder)
    damaged = [one for one in found.dropped if _DAMAGE.search(one.reason)]
    assert [(one.finding.target, one.finding.rule, one.reason) for one in damaged] == []
    assert sum(found.counts.values()) >= LEAST[folder]

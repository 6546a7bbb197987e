"""The HTML page in a real Chromium, whatever the data and whoever reads it: hostile texts do
nothing, what is incomplete says so, and axe finds nothing that keeps anybody out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fleet.seen import VIEWS, Opener, text
from tests.support.browser import Browser

AXE = Path(__file__).parents[1] / "browser/node_modules/axe-core/axe.min.js"


@pytest.mark.parametrize("view", ["overview", "targets", "findings", "changes", "unread"])
def test_hostile_data_does_nothing(opened: Opener, view: str) -> None:
    page = opened(f"#/{view}", "hostile")
    assert page.run("document.querySelectorAll('img, script, iframe').length") == 2
    assert page.run("document.querySelectorAll('#alarms .note').length") == 6
    assert "<img src=x onerror=alert(1)>" in text(page, "body")
    assert page.run("[...document.links].every((one) => one.protocol === 'file:')")


def test_references_of_rules_are_links_only_where_safe(opened: Opener) -> None:
    page = opened("#/rule/RL201", "hostile")
    links = page.run("[...document.querySelectorAll('main a[rel]')].map((one) => one.href)")
    assert links == ["https://redis.io/docs/", "https://valkey.io/"]
    assert "javascript:alert(1)" in text(page)
    assert "a (data:text/html,x)" in text(page)


def test_hostile_targets_can_be_looked_at(opened: Opener) -> None:
    page = opened("#/targets", "hostile")
    for number in range(6):
        page.run(f"document.querySelectorAll('#table-targets tbody a')[{number}].click()")
        page.wait("location.hash.startsWith('#/target/')")
        assert "no target of that name" not in text(page)
        page.run("history.back()")
        page.wait("location.hash.startsWith('#/targets')")


def test_an_interrupted_run_says_so_in_every_view(opened: Opener) -> None:
    for view in VIEWS:
        page = opened(f"#/{view}", "interrupted")
        assert "The run was interrupted" in text(page, "#alarms")


def test_addresses_typed_by_hand_do_no_harm(opened: Opener) -> None:
    places = ["#/nowhere", "#/target/%E0%A4%A", "#/rule/constructor", "#/rule", "#/target", "#x=1"]
    places += ["#/targets?sort=targets:nothing:up&page=targets:-4&sev=a,b&state=__proto__&group=x"]
    for place in places:
        page = opened(place)
        assert text(page, "h1")


def test_an_empty_fleet(opened: Opener) -> None:
    for view in VIEWS:
        assert text(opened(f"#/{view}", "empty"), "h1")


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.exists():
        pytest.skip("needs axe-core: run python3 dev.py browser")
    return AXE.read_text(encoding="utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_accessibility(opened: Opener, axe: str, view: str, scheme: str) -> None:
    page = opened(f"#/{view}", "short")
    page.media(prefers_color_scheme=scheme)
    assert violations(page, axe) == []


def test_the_summary_without_script(opened: Opener, axe: str) -> None:
    page = opened()
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page = opened()
        assert "switched off" in text(page, "noscript")
        assert "Worst targets" in text(page)
    finally:
        page.call("Emulation.setScriptExecutionDisabled", value=False)
    page = opened(name="still")
    assert violations(page, axe) == []


def violations(page: Browser, axe: str) -> list[str]:
    page.run(axe + ";0")
    found: list[Any] = page.run(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa',"
        " 'best-practice']}).then((result) => result.violations.filter((one) =>"
        " ['serious', 'critical', 'moderate'].includes(one.impact)).map((one) => [one.id,"
        " one.impact, one.nodes.slice(0, 3).map((node) => node.html + ' ' + node.failureSummary)]))"
    )
    return [json.dumps(one) for one in found]

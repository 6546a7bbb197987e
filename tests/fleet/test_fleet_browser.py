"""The HTML page in a real Chromium: it works, complains about nothing, and asks for nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from redislint.fleet.model import FleetReport
from tests.fleet.past import report_with_past
from tests.fleet.samples import report
from tests.fleet.test_fleet_reports import hostile, written
from tests.support import browser as browsers
from tests.support.browser import Browser

AXE = Path(__file__).parents[1] / "browser/node_modules/axe-core/axe.min.js"
VIEWS = (
    "overview", "targets", "findings", "rules", "groups", "persistence", "changes", "unknowns",
    "unread", "rule/RL201", "fact/backup.count", "target/cache-00003",
)  # fmt: skip

HOSTILE_RULES = {
    "RL201": {
        "name": "<b>name</b>",
        "summary": "</script><script>alert(1)</script>",
        "severity": "error",
        "category": "<i>",
        "help": "**bold** <img src=x> `code` [a](data:text/html,x) [b](https://redis.io/docs/)",
        "tags": ["<b>"],
        "references": ["javascript:alert(1)", "https://valkey.io/", "JavaScript:x//https://a"],
    }
}

Opener = Callable[..., Browser]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = browsers.executable()
    if program is None:
        pytest.skip("needs Chromium: none on PATH")
    with browsers.started(program, tmp_path_factory.mktemp("profile")) as one:
        yield one


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """URLs of pages, made once."""
    folder = tmp_path_factory.mktemp("pages")
    made: dict[str, FleetReport] = {
        "first": report(300),
        "later": report_with_past(450),
        "hostile": hostile(40)._replace(rules=HOSTILE_RULES),
        "empty": report(0),
        "interrupted": report(40)._replace(complete=False),
    }
    for name, told in made.items():
        (folder / f"{name}.html").write_text(written("html", told), encoding="ascii")
    still = written("html", made["later"])
    still = still[: still.rindex("<script>")].replace("noscript>", "div>")
    (folder / "still.html").write_text(still, encoding="ascii")
    return {name: (folder / f"{name}.html").as_uri() for name in (*made, "still")}


@pytest.fixture
def opened(browser: Browser, pages: dict[str, str]) -> Iterator[Opener]:
    """Opens a page at a place, as at a first visit; afterwards nothing may have been
    complained about, and nothing but the page itself asked for."""
    browser.size(1300, 900)
    browser.media()

    def go(place: str = "", name: str = "later") -> Browser:
        browser.open("about:blank")
        browser.open(pages[name] + place)
        return browser

    browser.complaints.clear()
    browser.requests.clear()
    yield go
    browser.run("localStorage.clear()")
    assert browser.complaints == []
    asked = {one.partition("#")[0] for one in browser.requests} - {"about:blank"}
    assert asked <= set(pages.values())


def column(browser: Browser, table: str, number: int) -> list[str]:
    """The texts of one column of a table, as they are shown."""
    cells = f"#table-{table} tbody tr > :nth-child({number})"
    found: list[str] = browser.run(
        f"[...document.querySelectorAll({json.dumps(cells)})].map((one) => one.innerText)"
    )
    return found


def text(browser: Browser, selector: str = "main") -> str:
    found: str = browser.run(f"document.querySelector({json.dumps(selector)}).innerText")
    return found


def test_the_overview_has_the_figures(opened: Opener) -> None:
    page = opened()
    told = report_with_past(450)
    records = list(told.records)
    statuses = [str(one.status) for one in records]
    shown = text(page)
    assert f"audited\n{statuses.count('audited')}" in shown
    assert f"unreachable\n{statuses.count('unreachable')}" in shown
    open_ones = [f for one in records for f in one.data["findings"] if not f["waiver"]]
    for severity in ("error", "warning", "info"):
        number = sum(one["severity"] == severity for one in open_ones)
        assert f"{severity}\n{number}" in shown
    scores = [one.data["score"] for one in records if one.data["score"] is not None]
    assert f"{sum(scores) / len(scores):.1f} of 100" in shown
    assert "of the rules could be decided" in shown
    assert page.run("document.querySelectorAll('.chart svg[role=img][aria-label]').length") == 2
    assert "The trend as a table" in shown


def test_sorting(opened: Opener) -> None:
    page = opened("#/targets")
    page.click("#sort-targets-target")
    names = [one.split("\n")[0] for one in column(page, "targets", 1)]
    assert names == [f"cache-{number:05}" for number in range(100)]
    assert page.run("document.activeElement.id") == "sort-targets-target"
    state = "document.getElementById('sort-targets-target').closest('th').ariaSort"
    assert page.run(state) == "ascending"
    page.press("Enter")
    assert page.run(state) == "descending"
    assert column(page, "targets", 1)[0].startswith("cache-00449")
    page.click("#sort-targets-score")
    scores = [float(one.split()[0]) for one in column(page, "targets", 7)]
    assert scores == sorted(scores)


def test_unknown_comes_last_in_either_direction(opened: Opener) -> None:
    for direction in ("asc", "desc"):
        page = opened(f"#/persistence?sort=persistence:restart:{direction}&page=persistence:5")
        assert column(page, "persistence", 5)[-1] == "unknown"
        page = opened(f"#/persistence?sort=persistence:restart:{direction}")
        assert "unknown" not in column(page, "persistence", 5)


def test_pages_of_a_table(opened: Opener) -> None:
    page = opened("#/targets?sort=targets:target:asc")
    assert len(column(page, "targets", 1)) == 100
    page.click(".pager a[aria-label^='Last']")
    assert column(page, "targets", 1)[-1].startswith("cache-00449")
    assert "rows 401 to 450 of 450" in text(page, "#table-targets caption")
    rows = "[...document.querySelectorAll('#table-targets tbody tr')].at(-1).ariaRowIndex"
    assert page.run(rows) == "451"
    assert (
        page.run("document.querySelector('#table-targets table').getAttribute('aria-rowcount')")
        == "451"
    )
    page.run("history.back()")
    page.wait("!location.hash.includes('page')")
    assert column(page, "targets", 1)[0].startswith("cache-00000")


def test_typing_filters_and_is_announced(opened: Opener) -> None:
    page = opened("#/findings")
    page.press("/")
    assert page.run("document.activeElement.id") == "q"
    page.type("RL401 cache-0001")
    page.wait("location.hash.includes('q=')")
    told = report_with_past(450)
    expected = [
        one.entry
        for one in told.records
        for finding in one.data["findings"]
        if finding["rule"] == "RL401" and one.entry.startswith("cache-0001")
    ]
    assert sorted(one.split("\n")[0] for one in column(page, "findings", 2)) == expected
    assert page.run("document.activeElement.id") == "q"
    assert text(page, "[role=status]").startswith(f"{len(expected)} finding")
    page.press("Escape")
    page.wait("!location.hash.includes('q=')")
    assert len(column(page, "findings", 2)) == 100


def test_filters_go_together(opened: Opener) -> None:
    page = opened("#/findings?sev=error&state=new&env=production&by=team&group=search")
    expected = [
        (one.entry, finding["rule"])
        for one in report_with_past(450).records
        for finding in one.data["findings"]
        if finding["severity"] == "error"
        and not finding["waiver"]
        and one.data["environment"] == "production"
        and one.data["tags"].get("team") == "search"
        and report_with_past_since()[one.target, finding["fingerprint"]] == "new"
    ]
    shown = zip(column(page, "findings", 2), column(page, "findings", 3), strict=True)
    assert sorted((a.split("\n")[0], b.split()[0]) for a, b in shown) == sorted(expected)
    assert page.run("document.getElementById('sev-error').checked") is True
    assert page.run("document.getElementById('f-group').value") == "search"
    page.click("#clear")
    assert "sev" not in page.run("location.hash")


def report_with_past_since() -> dict[tuple[str, str], str]:
    return {key: str(since.state) for key, since in report_with_past(450).since.items()}


def test_deep_links_and_the_way_back(opened: Opener) -> None:
    page = opened("#/rules?sev=error")
    page.click("#table-rules tbody a")
    page.wait("location.hash.startsWith('#/rule/')")
    heading = text(page, "h1")
    assert re.match(r"RL\d+ \S+", heading)
    assert "sev=error" in page.run("location.hash")
    page.click("#table-rule-findings tbody a")
    page.wait("location.hash.startsWith('#/target/')")
    assert text(page, "h1").startswith("Target cache-")
    assert page.run("document.activeElement.tagName") == "H1"
    here = page.run("location.href")
    page.run("history.back()")
    page.wait("location.hash.startsWith('#/rule/')")
    assert text(page, "h1") == heading
    page.run("history.back()")
    page.wait("location.hash.startsWith('#/rules')")
    assert text(page, "h1") == "Rules"
    page.open("about:blank")
    page.open(here)
    assert text(page, "h1").startswith("Target cache-")


def test_a_target_has_all_that_is_known_of_it(opened: Opener) -> None:
    told = report_with_past(450)
    record = next(
        one for one in told.records if one.entry > "cache-00100" and len(one.data["findings"]) > 3
    )
    page = opened(f"#/target/{record.entry}")
    shown = text(page)
    for finding in record.data["findings"]:
        assert finding["rule"] in shown
        assert finding["message"] in shown
    assert "set maxmemory 4gb" in shown
    assert "Seen in a row" in shown
    assert record.data["persistence"]["mode"] in shown
    for lack in record.data["unknown"]:
        assert lack["missing"] in shown
        assert lack["hint"] in shown


def test_what_was_not_read_is_never_good(opened: Opener) -> None:
    record = next(one for one in report_with_past(450).records if one.status == "unreachable")
    page = opened(f"#/target/{record.entry}")
    assert "Not reached. connection refused" in text(page)
    assert "Nothing is known" in text(page)
    page = opened(f"#/targets?q={record.entry}")
    assert column(page, "targets", 3) == ["unknown"]
    assert column(page, "targets", 7) == ["unknown"]
    page = opened("#/unread")
    assert "connection refused" in column(page, "reasons", 1)


def test_unknowns_are_grouped_by_fact(opened: Opener) -> None:
    page = opened("#/unknowns")
    assert set(column(page, "unknowns", 1)) == {"backup.count", "host.vm_overcommit_memory"}
    read = sum(one.status != "unreachable" for one in report_with_past(450).records)
    assert column(page, "unknowns", 2) == [str(read)] * 2
    page.click("#table-unknowns tbody a")
    page.wait("location.hash.startsWith('#/fact/')")
    assert "RL" in text(page, ".columns")


def test_any_tag_can_group(opened: Opener) -> None:
    page = opened("#/groups")
    assert "payments" in column(page, "groups", 1)
    assert "none" in column(page, "groups", 1)
    page.run(
        "(() => { const by = document.getElementById('by'); by.value = '@version';"
        " by.dispatchEvent(new Event('change')); })()"
    )
    assert "redis 7.2.5" in column(page, "groups", 1)


def test_new_and_fixed(opened: Opener) -> None:
    page = opened("#/changes")
    assert column(page, "fixed", 3)[0] == "RL401 name-of-rl401"
    assert set(column(page, "new", 5)) == {"new"}
    page = opened("#/changes", "first")
    assert "no earlier run" in text(page)


def test_theme(opened: Opener) -> None:
    shade = "getComputedStyle(document.body).backgroundColor"
    page = opened()
    page.media(prefers_color_scheme="light")
    light = page.run(shade)
    page.media(prefers_color_scheme="dark")
    dark = page.run(shade)
    assert light != dark
    page.click("#theme")
    assert page.run(shade) == light
    page.click("#theme")
    page.media(prefers_color_scheme="light")
    assert page.run(shade) == dark
    page.run("location.reload()")
    page.wait("document.getElementById('theme')?.innerText === 'Theme: dark'")
    assert page.run(shade) == dark


def test_print_has_every_view(opened: Opener) -> None:
    page = opened("#/targets?sev=error")
    assert page.pdf().startswith(b"%PDF-")
    page.run("window.dispatchEvent(new Event('beforeprint'))")
    page.media("print")
    shown = text(page, "#print")
    for title in ("Overview", "New and fixed", "Rules", "Persistence", "Unknowns", "Not read"):
        assert title in shown
    assert "none of it" not in shown
    hidden = "getComputedStyle(document.querySelector({!r})).display"
    assert page.run(hidden.format("#filters")) == "none"
    assert page.run(hidden.format(".content")) == "none"
    assert page.run("[...document.querySelectorAll('#print details')].every((one) => one.open)")
    page.run("window.dispatchEvent(new Event('afterprint'))")
    assert page.run("document.getElementById('print').childElementCount") == 0


def test_everything_is_reached_by_keyboard(opened: Opener) -> None:
    page = opened("#/targets")
    page.press("Tab")
    assert text(page, ":focus") == "Skip to the content"
    assert page.run("document.activeElement.getBoundingClientRect().left >= 0")
    page.press("Enter")
    assert page.run("document.activeElement.id") == "main"
    assert page.run("location.hash") == "#/targets"
    seen = set()
    for _ in range(8):
        page.press("Tab")
        seen.add(page.run("document.activeElement.id || document.activeElement.tagName"))
        assert page.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert {"sort-targets-target", "sort-targets-errors"} <= seen


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
    page = opened(f"#/{view}")
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

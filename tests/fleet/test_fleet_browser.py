"""The HTML page in a real Chromium: it works, complains about nothing, and asks for nothing."""

from __future__ import annotations

import re

from tests.fleet.past import report_with_past
from tests.fleet.seen import Opener, column, text


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
    page.run("window.before = true; location.reload()")
    page.wait("!window.before && document.getElementById('theme')?.innerText === 'Theme: dark'")
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

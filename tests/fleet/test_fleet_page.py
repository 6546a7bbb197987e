"""The HTML page as text: complete, inert whatever the data says, made in little memory."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import tracemalloc
from html.parser import HTMLParser
from typing import Any

import pytest

from redislint.fleet.model import FleetReport
from redislint.fleet.reports import Options, html, html_data, writer
from tests.fleet.past import report_with_past
from tests.fleet.samples import Records, report
from tests.fleet.test_fleet_reports import hostile, written

PAIRS = ("entry", "target", "status", "reason", "tags", "score", "coverage", "persistence")


class Page(HTMLParser):
    """Elements of a page and the texts of its scripts, as a browser takes them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open = tag
        if tag in ("script", "style", "title"):
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open in self.texts:
            self.texts[self._open][-1] += data


def raw(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Page(text).texts["script"][0])
    return document


def decoded(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The records of the data block, read as the page reads them."""
    records = []
    for block in document["blocks"]:
        values, columns = block["values"], block["targets"]
        findings = iter(
            [
                {
                    name: message(number, values) if name == "message" else values[number]
                    for name, number in zip(block["findings"], row, strict=True)
                }
                for row in zip(*block["findings"].values(), strict=True)
            ]
        )
        for row in zip(*columns.values(), strict=True):
            data = dict(zip(columns, row, strict=True))
            for name in (*html_data.SHARED, "uri", "unknown"):
                data[name] = values[data[name]]
            data["unknown"] = [values[number] for number in data["unknown"] or ()]
            data["findings"] = [next(findings) for _ in range(data["findings"])]
            records.append(data)
        assert next(findings, None) is None
    return records


def message(told: int | list[Any], values: list[Any]) -> str:
    text, *words = [values[told]] if isinstance(told, int) else [values[told[0]], *told[1:]]
    parts = text.split(html_data.GAP)
    assert len(parts) == len(words) + 1
    return "".join(part + word for part, word in zip(parts, [*words, ""], strict=True))


@pytest.mark.parametrize("told", [report(0), report(450), report_with_past(450)])
def test_the_data_has_every_record(told: FleetReport) -> None:
    document = raw(written("html", told))
    found = decoded(document)
    assert [one["entry"] for one in found] == [one.entry for one in told.records]
    for one, record in zip(found, told.records, strict=True):
        expected = {**record.data, "status": list(type(record.status)).index(record.status)}
        assert {name: one[name] for name in PAIRS} == {name: expected[name] for name in PAIRS}
        assert one["uri"] in (None, record.data["uri"])
        assert one["unknown"] == [
            [lack["missing"], lack["rules"], lack["hint"]] for lack in record.data["unknown"]
        ]
        for finding, told_finding in zip(one["findings"], record.data["findings"], strict=True):
            assert finding["rule"] == [told_finding[k] for k in ("rule", "name", "severity")]
            for name in ("message", *html_data.OF_FINDING):
                assert finding[name] == told_finding[name]
            since = told.since.get((record.target, told_finding["fingerprint"]))
            assert finding["history"] == (list(since) if since else None)
    assert document["complete"] is True
    assert document["rules"] == told.rules
    assert len(document["fixed"]) == len(told.fixed)
    assert len(document["trend"]) == len(told.trend)


def test_texts_of_rules_stand_there_once() -> None:
    text = written("html", report(450))
    assert text.count("Why no-persistence matters, and what to do.") == 1


@pytest.mark.parametrize("told", [report(30), report_with_past(30), hostile(30)])
def test_nothing_of_the_data_is_markup(told: FleetReport) -> None:
    text = written("html", told)
    assert text.isascii()
    page = Page(text)
    tags = [tag for tag, _ in page.elements]
    assert tags.count("script") == 2
    assert tags.count("style") == 1
    assert not {"img", "iframe", "object", "link", "base", "form", "svg", "b"} & set(tags)
    allowed = {"id", "class", "type", "lang", "charset", "http-equiv", "content", "name", "hidden"}
    allowed |= {"href", "role", "tabindex", "scope", "aria-label", "aria-live"}
    assert {name for _, attributes in page.elements for name in attributes} <= allowed
    assert [about["href"] for _, about in page.elements if "href" in about] == ["#main"]
    assert {c for c in text if not c.isprintable()} == {"\n"}


def test_hostile_data_is_kept_as_text() -> None:
    told = hostile(12)
    text = written("html", told)
    for one, record in zip(decoded(raw(text)), told.records, strict=True):
        if record.entry.isprintable():
            assert one["entry"] == record.entry
    assert "</script><img src=x onerror=alert(1)> 2" in {one["entry"] for one in decoded(raw(text))}


def test_the_policy_allows_what_the_page_holds_and_nothing_else() -> None:
    text = written("html", report(3))
    page = Page(text)
    (policy,) = [
        about["content"] or ""
        for _, about in page.elements
        if about.get("http-equiv") == "Content-Security-Policy"
    ]
    directives = dict(one.strip().partition(" ")[::2] for one in policy.split(";"))
    assert directives["default-src"] == "'none'"
    for name, own in (
        ("script-src", page.texts["script"][1]),
        ("style-src", page.texts["style"][0]),
    ):
        digest = base64.b64encode(hashlib.sha256(own.encode()).digest()).decode()
        assert directives[name] == f"'sha256-{digest}'"
    assert not re.search(r"url\(|@import|src:", page.texts["style"][0])
    assert not re.search(r"innerHTML|insertAdjacent|document\.write|eval\(", html.script_text())


def test_the_summary_does_without_a_script() -> None:
    text = written("html", report_with_past(60))
    shown = re.sub(r"<(script|style).*?</\1>", "", text, flags=re.DOTALL)
    assert "<noscript>" in shown
    for title in ("New", "Fixed", "Worst targets", "Not reached", "Findings by rule"):
        assert f"<caption>{title} (" in shown
    assert "coverage" in shown
    assert 'class="alarm"' in shown


def test_an_interrupted_run_says_so_at_the_top() -> None:
    for complete in (True, False):
        text = written("html", report(9)._replace(complete=complete))
        head = text[: text.index("<main")]
        assert ("The run was interrupted" in head) is not complete


def test_records_pass_by_a_block_at_a_time() -> None:
    class Sink(io.StringIO):
        def write(self, text: str) -> int:
            return len(text)

    def peak(count: int) -> int:
        told = FleetReport(report(0).run, Records(count), complete=True)
        tracemalloc.start()
        writer("html")(told, Sink(), Options())
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(html_data.BLOCK * 8) < 1.3 * peak(html_data.BLOCK * 2)


def test_the_page_is_small() -> None:
    """About 400 bytes a target; these have two or three findings each."""
    empty = len(written("html", report(0)))
    assert empty < 100_000
    assert len(written("html", report(2000))) - empty < 2000 * 600

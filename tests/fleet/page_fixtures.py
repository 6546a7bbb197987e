"""The page of made-up fleets, open in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from redislint.fleet.model import FleetReport
from tests.fleet.past import report_with_past
from tests.fleet.samples import report
from tests.fleet.seen import Opener
from tests.fleet.test_fleet_reports import hostile, written
from tests.support import browser as browsers
from tests.support.browser import Browser

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
        "short": report_with_past(130),
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

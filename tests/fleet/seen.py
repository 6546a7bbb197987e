"""What a reader of the page sees."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.support.browser import Browser

Opener = Callable[..., Browser]

VIEWS = (
    "overview", "targets", "findings", "rules", "groups", "persistence", "changes", "unknowns",
    "unread", "rule/RL201", "fact/backup.count", "target/cache-00003",
)  # fmt: skip


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

"""Real host files of public repositories, audited under the names that they have there: no
crash, no rule that fails, and each span is the text that it speaks of."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from redislint.audit.facts import facts
from redislint.audit.run import check
from redislint.model import REDACTED, AuditError, Report, Setting, Span

CORPUS = Path(__file__).parents[2] / "../shared/corpus"
INDEX = CORPUS / "INDEX.json"

pytestmark = pytest.mark.skipif(
    not INDEX.is_file(), reason="the corpus of real files is not beside this checkout (../shared)"
)

LEAST = {
    "cloudformation": (24, 230, 190),
    "compose": (51, 80, 50),
    "host": (6, 7, 7),
    "kubernetes": (42, 100, 95),
    "templates": (28, 900, 250),
    "terraform": (68, 540, 190),
}
"""Targets, settings, and settings that stand there as written, at least: finding nothing is
no success, and what is unknown or stands elsewhere is no proof."""

_MARKS = re.compile(r"\{\{|\{%|<%|\$|__\w+__|!\w|@\w+@")
"""What some tool fills in."""

_REFERENCE = re.compile(
    r"(?:var|local|each|module|data|random_\w+|aws_\w+|google_\w+|azurerm_\w+)[.\[]"
    r"|\w+\.(?:key|value)\b|[a-z]+\(|!\w|\{|\[|\$|\(|\"|Fn::"
)
"""How a value begins that stands for one elsewhere: a variable, a function, an intrinsic."""


class Place(NamedTuple):
    """A setting of some category of the corpus, and the text at its span."""

    category: str
    setting: Setting
    text: str

    @property
    def what(self) -> str:
        """How the text relates to the value; "wrong" where it does not."""
        if REDACTED in self.setting.text:
            return "secret" if self.text.strip() else "wrong"
        if not self.setting.known:
            unresolved = _MARKS.search(self.text) or _REFERENCE.match(self.text)
            return "unknown" if unresolved else "wrong"
        if _says(self.setting, self.text):
            return "written"
        return "reference" if _REFERENCE.match(self.text) else "wrong"


class Corpus(NamedTuple):
    """What the audit of all files says; `categories` of the files by their path."""

    report: Report
    places: tuple[Place, ...]
    categories: dict[str, str]


def _entries() -> list[dict[str, Any]]:
    found = json.loads(INDEX.read_text(encoding="utf-8"))
    return [entry for entry in found if entry["category"] != "redis-conf"]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    top = tmp_path_factory.mktemp("places")
    categories = {}
    for entry in _entries():
        repository = entry["repo"].replace("/", "__")
        path = Path(repository, str(entry["ref"] or entry["commit"]), entry["path"])
        categories[str(path)] = entry["category"]
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_bytes((CORPUS / entry["file"]).read_bytes())
        (top / repository / ".git").mkdir(exist_ok=True)
    before = Path.cwd()
    os.chdir(top)
    try:
        report = check(profile="strict")
        found = facts()
        assert found.errors == report.errors
        places = [
            Place(categories[setting.span.path], setting, _text(setting.span))
            for target in found.targets
            for setting in target.settings
            if setting.span is not None
        ]
    finally:
        os.chdir(before)
    assert len(places) == sum(len(target.settings) for target in found.targets)
    return Corpus(report, tuple(places), categories)


def _text(span: Span) -> str:
    lines = Path(span.path).read_text(encoding="utf-8").split("\n")[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "\n".join(lines)


def _words(text: str) -> list[str]:
    """The words of a value without the quotes and marks of lists around them, and a class of
    clients as the server calls it."""
    text = re.sub(r"^replica\b", "slave", text)
    found = re.sub(r"[\"'\\\\]", "", text).replace(",", " ").split()
    return [word for word in found if word != "-"]


def _says(setting: Setting, text: str) -> bool:
    """Whether the text of a span is the value; a size may have its unit."""
    written, read = _words(text), _words(setting.text)
    if setting.name.startswith("sentinel ") and len(read) == len(written) + 1:
        # Values of charts keep the name of the watched master in a key of its own.
        read = read[1:]
    return len(written) == len(read) and all(
        one == other or (one[0].isdigit() and other.isdigit())
        for one, other in zip(written, read, strict=True)
    )


def test_everything_is_read_and_every_rule_evaluated(corpus: Corpus) -> None:
    errors: tuple[AuditError, ...] = corpus.report.errors
    assert errors == ()
    assert corpus.report.findings


@pytest.mark.parametrize("category", LEAST)
def test_what_is_found(category: str, corpus: Corpus) -> None:
    paths = (target.uri for target in corpus.report.targets)
    targets = sum(corpus.categories[path] == category for path in paths)
    counted = Counter(place.what for place in corpus.places if place.category == category)
    least = LEAST[category]
    assert targets >= least[0]
    assert counted.total() >= least[1]
    assert counted["written"] >= least[2], counted


@pytest.mark.parametrize("category", LEAST)
def test_every_span_is_the_value(category: str, corpus: Corpus) -> None:
    wrong = [
        (place.setting.name, place.setting.text, place.text, place.setting.span)
        for place in corpus.places
        if place.category == category and place.what == "wrong"
    ]
    assert wrong == []

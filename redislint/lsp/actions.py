"""Ways out of a finding: its fix, all safe fixes at once, a waiver with a reason."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from lsprotocol.types import (
    CodeAction,
    CodeActionKind,
    Diagnostic,
    Position,
    Range,
    TextEdit,
    WorkspaceEdit,
)
from pygls.uris import from_fs_path

from redislint.audit.report import Report
from redislint.lsp.check import Checked, Settings, check_bytes
from redislint.lsp.diagnostics import diagnostics
from redislint.lsp.text import CONFIGURATIONS, Text
from redislint.model import Finding, FixSafety

FIX_ALL = "source.fixAll.redislint"


def actions(
    checked: Checked, place: Range, wanted: Sequence[str], settings: Settings
) -> list[CodeAction]:
    """What the editor offers for a range. `wanted`: kinds of actions, empty for all."""
    found: list[CodeAction] = []
    if checked.text.kind not in CONFIGURATIONS:
        return found
    if _wants(wanted, CodeActionKind.QuickFix.value):
        said = _by_fingerprint(diagnostics(checked))
        for finding in checked.own:
            diagnostic = said.get(finding.fingerprint)
            if diagnostic is not None and _meet(diagnostic.range, place):
                found += _fixes(finding, diagnostic, checked)
                found += _waivers(finding, diagnostic, checked.text)
    if _wants(wanted, FIX_ALL):
        found += _fix_all(checked, settings)
    return found


def _wants(wanted: Sequence[str], kind: str) -> bool:
    return not wanted or any(kind == one or kind.startswith(f"{one}.") for one in wanted)


def _meet(one: Range, other: Range) -> bool:
    return one.start <= other.end and other.start <= one.end


def _by_fingerprint(found: Sequence[Diagnostic]) -> Mapping[str, Diagnostic]:
    return {
        one.data["fingerprint"]: one
        for one in found
        if isinstance(one.data, dict) and "fingerprint" in one.data
    }


def _fixes(finding: Finding, diagnostic: Diagnostic, checked: Checked) -> Iterator[CodeAction]:
    fix = finding.fix
    if fix is None or not fix.edits:
        return
    changes: dict[str, list[TextEdit]] = {}
    for edit in fix.edits:
        uri = _uri(edit.path, checked)
        if uri != checked.text.uri:
            return  # another file may have changed since it was read
        new = edit.replacement.decode("utf-8", "replace")
        changes.setdefault(uri, []).append(TextEdit(checked.text.exact(edit.span), new))
    safe = fix.safety is FixSafety.SAFE
    yield CodeAction(
        title=fix.description if safe else f"{fix.description} (changes behaviour)",
        kind=CodeActionKind.QuickFix,
        diagnostics=[diagnostic],
        is_preferred=safe,
        edit=WorkspaceEdit(changes=changes),
    )


def _uri(path: str, checked: Checked) -> str:
    report = checked.report
    if report is None or any(target.id == path for target in report.targets):
        return checked.text.uri
    return from_fs_path(os.path.abspath(report.files.get(path, path))) or path


def _waivers(finding: Finding, diagnostic: Diagnostic, text: Text) -> Iterator[CodeAction]:
    """A comment that silences the finding. Its reason is left for the author to write:
    without one the waiver does not count, and says so."""
    span = finding.span
    absent = span is None or (span.line, span.column) == (span.end_line, span.end_column)
    line = 0 if span is None or absent else span.line - 1
    above = text.line(line)
    indent = above[: len(above) - len(above.lstrip())] if not absent else ""
    word = "disable" if absent else "disable-next-line"
    comment = f'{indent}# redislint: {word}={finding.rule} reason=""'
    where = "in this file" if absent else "on this line"
    yield CodeAction(
        title=f"Waive {finding.rule} {where} (write the reason)",
        kind=CodeActionKind.QuickFix,
        diagnostics=[diagnostic],
        edit=WorkspaceEdit(changes={text.uri: [_insert(line, f"{comment}\n")]}),
    )


def _insert(line: int, text: str) -> TextEdit:
    return TextEdit(Range(Position(line, 0), Position(line, 0)), text)


def _fix_all(checked: Checked, settings: Settings) -> Iterator[CodeAction]:
    """The text after `--fix`: every safe fix, held against the servers again."""
    from redislint.audit.fixing import STDIN, Texts, Wanted, fix

    text = checked.text
    if not any(f.fix and f.fix.edits and f.fix.safety is FixSafety.SAFE for f in checked.own):
        return

    def again(texts: Texts) -> Report:
        return check_bytes(texts.get(STDIN, text.data), text.path, settings)

    fixed = fix(again, Wanted(stdin=text.data))
    data = fixed.after.get(STDIN)
    if data is None:
        return
    whole = Range(Position(0, 0), text.position(len(text.lines), len(text.lines[-1]) + 1))
    new = data.decode("utf-8", "replace")
    number = sum(fixed.counts.values())
    yield CodeAction(
        title=f"Fix all that is safe ({number})",
        kind=FIX_ALL,
        edit=WorkspaceEdit(changes={text.uri: [TextEdit(whole, new)]}),
    )

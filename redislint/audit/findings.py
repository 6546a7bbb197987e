"""From what servers say to findings: names for paths, fingerprints for the future."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING

from redislint import catalog
from redislint.audit.merge import Merged
from redislint.audit.paths import Paths
from redislint.conf.document import Document, decode
from redislint.model import Edit, Excerpt, Finding, Fix, Related, Span
from redislint.policy.rules import Rule

if TYPE_CHECKING:
    from redislint.audit.judge import Judge, Judgement

Fingerprint = Callable[[str, str, str, str], str]


def numbered() -> Fingerprint:
    """A function (rule, target, directive, instance) -> fingerprint, unique within a target.

    The fingerprint is 32 hexadecimal digits of a SHA-256, never of a line, a message or
    a value, so that it survives edits around the finding. The second finding with the
    same four parts gets a number mixed in, and so on.
    """
    used: dict[tuple[str, ...], int] = {}

    def fingerprint(rule: str, target: str, directive: str, instance: str) -> str:
        parts: tuple[str, ...] = (rule, target, directive, instance)
        number = used[parts] = used.get(parts, 0) + 1
        if number > 1:
            parts = (*parts, str(number))
        return sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:32]

    return fingerprint


def finding(
    merged: Merged,
    target: str,
    texts: Mapping[str, Document],
    paths: Paths,
    fingerprint: Fingerprint,
    rules: Mapping[str, Rule],
) -> Finding:
    """The finding for a merged diagnostic on the target of that id.

    `texts`: what its places lie in, by path. `rules`: all rules by id.
    """
    diagnostic = merged.diagnostic
    span = diagnostic.span
    text = texts.get(span.path) if span else None
    return Finding(
        rule=diagnostic.rule,
        name=rules[diagnostic.rule].name,
        severity=diagnostic.severity,
        message=diagnostic.message,
        target=target,
        fingerprint=fingerprint(
            diagnostic.rule, target, _lasting(diagnostic.directive), diagnostic.instance
        ),
        span=None if span is None else _named(span, paths),
        excerpt=diagnostic.excerpt or _excerpt(text, span),
        related=tuple(Related(_named(r.span, paths), r.message) for r in diagnostic.related),
        directives=(diagnostic.directive,) if diagnostic.directive else (),
        fatal=diagnostic.fatal,
        versions=None if merged.servers is None else tuple(map(str, merged.servers)),
        fix=None if diagnostic.fix is None else _named_fix(diagnostic.fix, paths, target),
        remediation=diagnostic.remediation,
    )


def _excerpt(document: Document | None, span: Span | None) -> Excerpt | None:
    """The line to show; none where a finding is about what the file does not say."""
    if document is None or span is None:
        return None
    if (span.line, span.column) == (span.end_line, span.end_column):
        return None
    from redislint.conf.redact import excerpt

    return excerpt(document, span)


def _lasting(directive: str) -> str:
    """The one name of a directive in fingerprints, whatever a server calls it."""
    known = catalog.directive(directive)
    return known.name if known else directive


def _named(span: Span, paths: Paths) -> Span:
    return span._replace(path=paths.name(span.path))


def _named_fix(fix: Fix, paths: Paths, target: str) -> Fix | None:
    """The fix as reports show it. It may change the target and what lies beside it in the
    repository; for a file elsewhere it only says what to do."""
    from redislint.conf.redact import secret_ranges

    edits = tuple(_named_edit(edit, paths) for edit in fix.edits)
    if any(secret_ranges(line) for edit in edits for line in decode(edit.replacement).split("\n")):
        return None
    own = {target, target.partition("#")[0]}
    strange = next((e.path for e in edits if e.path not in own and os.path.isabs(e.path)), None)
    if strange is not None:
        return fix._replace(description=f"{fix.description} in {strange}", edits=())
    return fix._replace(edits=edits)


def _named_edit(edit: Edit, paths: Paths) -> Edit:
    return edit._replace(path=paths.name(edit.path), span=_named(edit.span, paths))


def of_judgement(
    judgement: Judgement, judge: Judge, paths: Paths, texts: Mapping[str, Document] | None = None
) -> tuple[Finding, ...]:
    """The findings of a target that is no file, such as a running server, in order of rules.
    `texts`: what places lie in nevertheless, by path."""
    target = judgement.target
    environment = target.facts.get("target.environment")
    weigh = judge.weighing(target.id, environment.value if environment else "")
    said = sorted(weigh(judgement.diagnostics), key=lambda one: one.rule)
    fingerprint = numbered()
    return tuple(
        finding(Merged(one, None), target.id, texts or {}, paths, fingerprint, judge.rules.rules)
        for one in said
    )

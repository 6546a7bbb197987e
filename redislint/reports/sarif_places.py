"""Where SARIF says that a finding is: URIs, regions, and edits."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Any
from urllib.parse import quote

from redislint.model import Edit, Finding, Fix, FixSafety, Related, Report, Span, Target
from redislint.reports.plain import encoded, one_line

Json = dict[str, Any]

ROOT_ID = "%SRCROOT%"
"""Base of all relative URIs: the root of the repository, or where redislint ran."""

MESSAGE_LIMIT = 1024
"""Longest text in UTF-16 code units that GitHub and GitLab take."""

_DRIVE = re.compile(r"[A-Za-z]:/")
_CREDENTIALS = re.compile(r"(?<=://)[^/]*@")


def artifact(path: str) -> Json:
    """The artifactLocation of a file: relative to the root where it lies below it."""
    path = path.removeprefix("./")
    uri = quote(encoded(path), safe="/")
    if path.startswith("/"):
        return {"uri": f"file://{uri}"}
    if _DRIVE.match(path):
        return {"uri": f"file:///{path[:2]}{uri[4:]}"}
    return {"uri": uri, "uriBaseId": ROOT_ID}


def target_path(target: Target) -> str:
    """The file that stands for a target: its own, or a name for what has none.

    Code scanning refuses a URI of another scheme than the checkout's, and with it the
    whole upload; so `redis://host:6379` becomes `redislint/targets/redis/host/6379.conf`.
    """
    if not is_remote(target):
        return target.uri
    address = without_credentials(target.uri)
    parts = [part for part in re.split(r"[:/]+", address) if part not in ("", ".", "..")]
    return f"redislint/targets/{'/'.join(parts)}.conf"


def is_remote(target: Target) -> bool:
    """Whether a target is no file: a server or a cloud resource."""
    return "://" in target.uri or target.uri.startswith("arn:")


def without_credentials(uri: str) -> str:
    return _CREDENTIALS.sub("", uri)


def region(span: Span) -> Json:
    """All four corners: columns count code points, the end is one past the last."""
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def location(finding: Finding, target: Target | None, report: Report) -> Json:
    """Where a finding is; one without a place is at the first line of its target."""
    span = finding.span or _first_line(finding, target, report)
    physical: Json = {"artifactLocation": artifact(span.path), "region": region(span)}
    excerpt = finding.excerpt
    if excerpt is not None and span.line == span.end_line == excerpt.line:
        context = {"startLine": excerpt.line, "snippet": {"text": one_line(excerpt.text)}}
        physical["contextRegion"] = context
    place: Json = {"physicalLocation": physical}
    logical = _logical(finding, target)
    if logical:
        place["logicalLocations"] = logical
    return place


def _first_line(finding: Finding, target: Target | None, report: Report) -> Span:
    path = target_path(target) if target else finding.target
    text = report.texts.get(path, "")
    return Span(path, 1, 1, 1, len(text.partition("\n")[0].rstrip("\r")) + 1)


def _logical(finding: Finding, target: Target | None) -> list[Json]:
    directives = dict.fromkeys(map(one_line, finding.directives))
    if target is not None and is_remote(target):
        address = one_line(without_credentials(target.uri))
        names = [f"{address}/{name}" for name in directives] or [address]
        return [{"fullyQualifiedName": name, "kind": "resource"} for name in names]
    return [{"name": name, "fullyQualifiedName": name, "kind": "property"} for name in directives]


def related_location(related: Related, number: int) -> Json:
    """Another place that a finding speaks of; `number` tells it from its siblings."""
    return {
        "id": number,
        "message": {"text": one_line(related.message, MESSAGE_LIMIT)},
        "physicalLocation": {
            "artifactLocation": artifact(related.span.path),
            "region": region(related.span),
        },
    }


def fix(change: Fix) -> Json:
    """A fix as replacements, those of one file together."""
    edits: dict[str, list[Edit]] = {}
    for edit in change.edits:
        edits.setdefault(edit.path, []).append(edit)
    unsafe = " (changes behaviour)" if change.safety is FixSafety.UNSAFE else ""
    return {
        "description": {"text": f"{one_line(change.description, MESSAGE_LIMIT - 20)}{unsafe}"},
        "artifactChanges": [
            {"artifactLocation": artifact(path), "replacements": list(map(_replacement, own))}
            for path, own in edits.items()
        ],
        "properties": {"safety": change.safety.value},
    }


def _replacement(edit: Edit) -> Json:
    replacement: Json = {"deletedRegion": region(edit.span)}
    if edit.replacement:
        try:
            content = {"text": edit.replacement.decode("utf-8")}
        except UnicodeDecodeError:
            content = {"binary": b64encode(edit.replacement).decode("ascii")}
        replacement["insertedContent"] = content
    return replacement

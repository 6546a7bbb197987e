"""Findings read back from the JSON that a report wrote: the way back from `json.finding_dict`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redislint.model import Finding, Remediation, Severity, Span, Waiver

Json = Mapping[str, Any]


def finding_of(data: Json, target: str) -> Finding:
    """The finding on `target` that a report or a fleet's record holds; what the form has no
    room for (edits, excerpts) is left out."""
    return Finding(
        rule=data["rule"],
        name=data["name"],
        severity=Severity(data["severity"]),
        message=data["message"],
        target=target,
        fingerprint=data["fingerprint"],
        span=span_of(data["location"]),
        directives=tuple(data["directives"]),
        waiver=Waiver(**data["waiver"]) if data["waiver"] else None,
        remediation=Remediation(**data["remediation"]) if data.get("remediation") else None,
    )


def span_of(data: Json | None) -> Span | None:
    """A place, None where there is none."""
    return None if data is None else Span(**data)

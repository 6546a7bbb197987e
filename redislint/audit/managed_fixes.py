"""Fixes of managed caches in the host files that declare them: another value in the place of
one that a parameter has there.

Only a value that stands there as it is can be changed; for all else (a parameter that no file
sets, a variable, a group of the service's own) the remediation says what to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from redislint import catalog
from redislint.conf.document import Document
from redislint.conf.edit import EditError
from redislint.conf.hosted import Place, write
from redislint.conf.passage import DOUBLE, PLAIN, SINGLE, STRING, Slot
from redislint.model import Edit, Fix, FixSafety, Setting
from redislint.sources.iac.deployment import Managed

_QUOTES = {b'"': DOUBLE, b"'": SINGLE}
_BARE = re.compile(rb"-?[0-9]+|true|false")


def parameter_fix(managed: Managed, wanted: Mapping[str, str], safety: FixSafety) -> Fix | None:
    """The fix that gives parameters (by the names of their directives) other values in place;
    None where any of them has no literal value in a file."""
    try:
        changes = tuple(_edits(managed, wanted))
    except EditError:
        return None
    if not changes:
        return None
    said = ", ".join(f"{name} {text}" for name, text in wanted.items())
    return Fix(f"set {said}", safety, changes)


def _edits(managed: Managed, wanted: Mapping[str, str]) -> Iterator[Edit]:
    hosts = {host.path: host for host in managed.hosts}
    for name, text in wanted.items():
        setting = _setting(managed, name)
        host = hosts.get(setting.span.path) if setting is not None and setting.span else None
        if setting is None or host is None:
            raise EditError(f"no file sets the parameter '{name}'")
        if setting.text != text:
            yield _edit(host, setting, text)


def _setting(managed: Managed, name: str) -> Setting | None:
    """The one place that sets a parameter; None where there is none, or where branches of a
    condition do."""
    known = catalog.directive(name)
    canonical = known.name if known is not None else name
    found = [one for one in managed.found.configuration.settings if one.canonical == canonical]
    return found[0] if len(found) == 1 and found[0].known else None


def _edit(host: Document, setting: Setting, text: str) -> Edit:
    span = setting.span
    assert span is not None
    start, end = host.offset(span.line, span.column), host.offset(span.end_line, span.end_column)
    old = host.data[start:end]
    if old != setting.text.encode("utf-8", "surrogateescape") or not old:
        raise EditError("the value stands elsewhere")
    around = host.data[start - 1 : start]
    quoted = around in _QUOTES and host.data[end : end + 1] == around
    in_hcl = (host.path or "").endswith(".tf")
    new = text.encode()
    if quoted:
        kind = STRING if in_hcl else _QUOTES[around]
        return write(Place(host, Slot(kind, start - 1, end + 1), start, end), new)
    if not in_hcl:
        return write(Place(host, Slot(PLAIN, start, end), start, end), new)
    if not _BARE.fullmatch(old):
        raise EditError("the value is an expression")
    if _BARE.fullmatch(new) is None:
        new = b'"' + new + b'"'
    place = Place(host, Slot(STRING, start, end), start, end)
    return place.edit(start, end, new)

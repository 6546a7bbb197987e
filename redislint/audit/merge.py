"""One list of findings from what several servers said about the same text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from redislint.audit.offers import common_fix
from redislint.model import Diagnostic, Server, Severity

_Key = tuple[str, object, str, str]
_Place = tuple[str | None, int | None]


class Merged(NamedTuple):
    """A diagnostic and the servers that it holds on (all that were asked: None)."""

    diagnostic: Diagnostic
    servers: tuple[Server, ...] | None


@dataclass(slots=True)
class _Entry:
    said: dict[Server, Diagnostic] = field(default_factory=dict)


def merge(
    verdicts: Mapping[Server, Sequence[Diagnostic]],
    accepted: Mapping[Server, bool],
    *,
    assumed: bool,
) -> list[Merged]:
    """Equal diagnostics (rule, place, instance) become one.

    Where nobody named a server (`assumed`), what holds on some of them only is an info:
    the file may never run there. But a line that is an error (a warning) on every server,
    on each perhaps for a reason of its own, stays one; and where no server is left that
    accepts the file, so does everything that refuses it.
    """
    entries: dict[tuple[_Key, int], _Entry] = {}
    for server, diagnostics in verdicts.items():
        occurrence: dict[_Key, int] = {}
        for diagnostic in diagnostics:
            key = _key(diagnostic)
            number = occurrence[key] = occurrence.get(key, 0) + 1
            entries.setdefault((key, number), _Entry()).said[server] = diagnostic
    everywhere = len(verdicts)
    floors = _floors(verdicts) if assumed else {}
    hopeless = _refused_here_and_there(entries.values(), everywhere, accepted)
    merged = []
    for entry in entries.values():
        servers = tuple(entry.said)
        whole = len(servers) == everywhere
        if assumed and not whole and _rule(entry) == _OLD_NAME:
            continue
        diagnostic = _common(entry.said, "any supported version" if whole and assumed else None)
        if any(said.fix for said in entry.said.values()):
            diagnostic = diagnostic._replace(fix=common_fix(entry.said, tuple(verdicts)))
        if assumed and not whole and not (diagnostic.fatal and hopeless):
            floor = floors.get(_place(diagnostic), Severity.INFO)
            severity = min(diagnostic.severity, floor, key=lambda s: s.rank)
            diagnostic = diagnostic._replace(severity=severity)
        merged.append(Merged(diagnostic, None if whole else servers))
    return merged


_OLD_NAME = "RL114"
"""Old names: where nobody named a server, a name that only some call old is the right one."""


def _rule(entry: _Entry) -> str:
    return next(iter(entry.said.values())).rule


def _key(diagnostic: Diagnostic) -> _Key:
    """A place stands for its directive, whose proper name may differ between servers."""
    directive = diagnostic.directive if diagnostic.span is None else ""
    return diagnostic.rule, diagnostic.span, directive, diagnostic.instance


def _common(said: Mapping[Server, Diagnostic], everywhere: str | None) -> Diagnostic:
    """One diagnostic for what several servers said: the newest one's words, but where the
    messages differ in the server's name alone, that name becomes all of their names."""
    servers = tuple(said)
    diagnostic = said[servers[-1]]
    if len(servers) == 1 or str(servers[-1]) not in diagnostic.message:
        return diagnostic
    forms = {d.message.replace(str(server), "\0") for server, d in said.items()}
    if len(forms) > 1:
        return diagnostic
    names = everywhere or ", ".join(map(str, servers))
    return diagnostic._replace(message=forms.pop().replace("\0", names))


def _place(diagnostic: Diagnostic) -> _Place:
    return diagnostic.path, diagnostic.line


def _floors(verdicts: Mapping[Server, Sequence[Diagnostic]]) -> dict[_Place, Severity]:
    """For places where every server has something to say: the mildest of their worst."""
    floors: dict[_Place, list[Severity]] = {}
    for diagnostics in verdicts.values():
        worst: dict[_Place, Severity] = {}
        for diagnostic in diagnostics:
            place = _place(diagnostic)
            known = worst.get(place, diagnostic.severity)
            worst[place] = max(known, diagnostic.severity, key=lambda s: s.rank)
        for place, severity in worst.items():
            floors.setdefault(place, []).append(severity)
    return {
        place: min(found, key=lambda s: s.rank)
        for place, found in floors.items()
        if len(found) == len(verdicts)
    }


def _refused_here_and_there(
    entries: Iterable[_Entry], everywhere: int, accepted: Mapping[Server, bool]
) -> bool:
    """Whether no server accepts the file, and yet none of its lines is refused by all."""
    if any(accepted.values()):
        return False
    refusing: dict[_Place, set[Server]] = {}
    for entry in entries:
        for server, diagnostic in entry.said.items():
            if diagnostic.fatal:
                refusing.setdefault(_place(diagnostic), set()).add(server)
    return all(len(servers) < everywhere for servers in refusing.values())

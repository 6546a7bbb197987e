"""One list of findings from what several servers said about the same text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from redislint.model import Diagnostic, Server, Severity

_Key = tuple[str, object, str, str]
_Place = tuple[str | None, int | None]


@dataclass(frozen=True, slots=True)
class Merged:
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
    """Equal diagnostics (rule, place, directive, instance) become one.

    Where nobody named a server (`assumed`), what holds on some of them only is an info:
    the file may never run there. What refuses the file keeps its severity where every
    server refuses it there, each perhaps for a reason of its own, and where no server is
    left that accepts the file.
    """
    entries: dict[tuple[_Key, int], _Entry] = {}
    for server, diagnostics in verdicts.items():
        occurrence: dict[_Key, int] = {}
        for diagnostic in diagnostics:
            key = (diagnostic.rule, diagnostic.span, diagnostic.directive, diagnostic.instance)
            number = occurrence[key] = occurrence.get(key, 0) + 1
            entries.setdefault((key, number), _Entry()).said[server] = diagnostic
    everywhere = len(verdicts)
    grave = _grave_places(entries.values(), verdicts, accepted) if assumed else frozenset()
    merged = []
    for entry in entries.values():
        servers = tuple(entry.said)
        whole = len(servers) == everywhere
        diagnostic = _common(entry.said, "any supported version" if whole and assumed else None)
        if assumed and not whole and not (diagnostic.fatal and _place(diagnostic) in grave):
            diagnostic = replace(diagnostic, severity=Severity.INFO)
        merged.append(Merged(diagnostic, None if whole else servers))
    return merged


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
    return replace(diagnostic, message=forms.pop().replace("\0", names))


def _place(diagnostic: Diagnostic) -> _Place:
    return diagnostic.path, diagnostic.line


def _grave_places(
    entries: Iterable[_Entry], verdicts: Mapping[Server, object], accepted: Mapping[Server, bool]
) -> frozenset[_Place]:
    refusing: dict[_Place, set[Server]] = {}
    for entry in entries:
        for server, diagnostic in entry.said.items():
            if diagnostic.fatal:
                refusing.setdefault(_place(diagnostic), set()).add(server)
    fully = {place for place, servers in refusing.items() if len(servers) == len(verdicts)}
    if not fully and not any(accepted.values()):
        return frozenset(refusing)
    return frozenset(fully)

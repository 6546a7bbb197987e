"""What host files declare in their comments, for each of the servers that they describe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from redislint.conf.document import Document
from redislint.conf.host_comments import Remarks
from redislint.conf.pragma import Pragmas, read_grouped
from redislint.sources import kinds
from redislint.sources.iac import comments, ownership
from redislint.sources.iac.deployment import Deployment
from redislint.sources.iac.nodes import Node, NodeError, documents

_YAML = (kinds.COMPOSE, kinds.KUBERNETES, kinds.HELM, kinds.ANSIBLE, kinds.CLOUDFORMATION)


def pragmas(
    hosts: Iterable[Document], kind: str, found: Sequence[Deployment]
) -> Sequence[Pragmas | None]:
    """What the comments of some hosts of a kind say of each server in `found`, those closest to
    it first; each host also learns for whom its comments are (`Document.remarks`)."""
    said: list[Pragmas | None] = [None] * len(found)
    speaking = {host.path or "": host for host in hosts}
    places = ownership.places(speaking, found)
    for path, host in speaking.items():
        roots = _roots(host, kind)
        owned = ownership.owners(host, kind, roots, places[path])
        host.remarks = Remarks(
            tuple(comments.trailing(host, kind, roots)),
            {line: frozenset(_address(found[n]) for n in who) for line, who in owned.items()},
        )
        everybody = places[path].own
        groups = read_grouped(host, owned.get)
        _take(said, everybody, groups.pop(None, Pragmas()))
        for group in sorted(groups, key=lambda one: -len(one or ())):
            _take(said, group or (), groups[group])
    return said


def _take(said: list[Pragmas | None], numbers: Iterable[int], more: Pragmas) -> None:
    """Note what some servers are told; it counts before what they were told until now."""
    for number in numbers:
        before = said[number] or Pragmas()
        said[number] = more._replace(
            server=more.server or before.server,
            values={**before.values, **more.values},
            spans={**before.spans, **more.spans},
            silences=(*before.silences, *more.silences),
            problems=(*before.problems, *more.problems),
        )


def _address(one: Deployment) -> tuple[str, str]:
    return one.host.path or "", f"#{one.name}" if one.name else ""


def _roots(host: Document, kind: str) -> Sequence[Node]:
    """The documents of a YAML file; nothing for another one, or one that is a template yet."""
    if kind not in _YAML:
        return ()
    try:
        return documents(host)
    except NodeError:
        return ()

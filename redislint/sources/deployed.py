"""Files that are read, as what is audited: each file alone, or the servers in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from redislint.conf.document import Document, parse
from redislint.conf.reading import MAX_BYTES
from redislint.sources.conf_file import LoadedFile, load
from redislint.sources.discovery import ConfFile, Unread, repository_root
from redislint.sources.kinds import HOSTS

if TYPE_CHECKING:
    from redislint.conf.pragma import PragmaProblem, Pragmas
    from redislint.sources.iac.deployment import Deployment


def loaded(
    items: Iterable[ConfFile | Unread],
    knows: Callable[[str], bool],
    named: frozenset[str] = frozenset(),
    *,
    max_bytes: int = MAX_BYTES,
    texts: Mapping[str, bytes] = MappingProxyType({}),
) -> Iterator[LoadedFile | Unread]:
    """Everything to audit. Host files come last, when all of them are known: what belongs
    together may stand in several.

    `named`: absolute paths that the user named; `knows` and `texts` as for `discover`.
    """
    hosts: dict[str, list[ConfFile]] = {}
    for item in items:
        if isinstance(item, Unread):
            yield item
        elif item.kind in HOSTS:
            hosts.setdefault(item.kind, []).append(item)
        else:
            yield load(item)
    for kind, files in hosts.items():
        for root, group in _by_root(files).items():
            yield from _servers(kind, group, root, knows, named, max_bytes, texts)


def _by_root(files: Iterable[ConfFile]) -> Mapping[str, list[ConfFile]]:
    groups: dict[str, list[ConfFile]] = {}
    for file in files:
        root = repository_root(file.path) or file.path.rpartition("/")[0]
        groups.setdefault(root, []).append(file)
    return groups


def _servers(
    kind: str,
    files: Iterable[ConfFile],
    root: str,
    knows: Callable[[str], bool],
    named: frozenset[str],
    max_bytes: int,
    texts: Mapping[str, bytes],
) -> Iterator[LoadedFile | Unread]:
    from redislint.sources.iac import formats
    from redislint.sources.iac.deployment import Problem, World

    by_path = {file.path: file for file in files}
    documents = [_host(file) for file in by_path.values()]
    world = World(root, knows, max_bytes, texts)
    servers: list[Deployment] = []
    for found in formats.finder(kind)(documents, world):
        if isinstance(found, Problem):
            if found.path in named or formats.is_clearly_ours(by_path[found.path].data):
                yield Unread(found.path, found.reason)
        else:
            servers.append(found)
    pragmas = _pragmas(documents, kind, servers)
    for one, pragma in zip(servers, pragmas, strict=True):
        yield LoadedFile(by_path[one.host.path or ""], one.host, _with_texts(pragma, one), one)


def _host(file: ConfFile) -> Document:
    document = parse(file.data, file.path)
    document.foreign = True
    return document


def _pragmas(
    hosts: Iterable[Document], kind: str, found: Sequence[Deployment]
) -> Sequence[Pragmas | None]:
    """What host files say of each server that was found in them."""
    speaking = [host for host in hosts if b"edislint" in host.data]
    if not speaking:
        return [None] * len(found)
    from redislint.sources.iac import declared

    return declared.pragmas(speaking, kind, found)


def _with_texts(own: Pragmas | None, found: Deployment) -> Pragmas | None:
    """What the host file says of its servers, and what the configuration that this one
    takes from another file says, which counts first."""
    for text in found.launch.texts:
        if b"edislint" not in text.data or found.host.path in [one.path for one in text.sources]:
            continue
        from redislint.conf.pragma import Pragmas, read_pragmas

        own, said = own or Pragmas(), read_pragmas(text)
        own = own._replace(
            server=own.server or said.server,
            values={**own.values, **said.values},
            spans={**own.spans, **said.spans},
            problems=(*own.problems, *(p for p in said.problems if not _silences(p, text))),
        )
    return own


def _silences(problem: PragmaProblem, text: Document) -> bool:
    """Whether a pragma with a problem is about a waiver: those are reported with their file."""
    lines = [one for one in text.comments if one.source_line == problem.span.line]
    return any(b"disable" in line.raw for line in lines)

"""`redislint directive NAME`: what a directive means, and on which versions."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import click
from click.shell_completion import CompletionItem

from redislint import catalog
from redislint.catalog import Directive, HistoricDirective, ModuleDirective, Spec, describe
from redislint.catalog.describe import Entry
from redislint.model import Server

_LABEL = 13
_NAME = 32
_MOST_COLUMNS = 100


class _Refusal(click.ClickException):
    """An error of usage: one line on standard error."""

    exit_code = 2


def _complete_name(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Every spelling that starts so; after the word `sentinel` those of sentinel.conf."""
    given = ctx.params.get(param.name or "") or ()
    prefix = "sentinel " if given and given[-1] == "sentinel" else ""
    start = prefix + incomplete.lower()
    return [
        CompletionItem(spelling.removeprefix(prefix), help=entry.summary)
        for entry in catalog.directives()
        for spelling in (entry.name, *entry.aliases)
        if spelling.startswith(start)
    ]


def _complete_server(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    names = map(str, catalog.SERVERS)
    return [CompletionItem(name) for name in names if name.startswith(incomplete.lower())]


def _read_server(ctx: click.Context, param: click.Parameter, value: str | None) -> Server | None:
    try:
        return None if value is None else Server.parse(value)
    except ValueError as error:
        raise _Refusal(str(error)) from None


@click.command(
    epilog="""\b
Examples:
  redislint directive maxmemory-policy
  redislint directive sentinel monitor
  redislint directive save --server redis-6.2
  redislint directive --format json""",
)
@click.argument("names", metavar="[NAME]...", nargs=-1, shell_complete=_complete_name)
@click.option(
    "--server",
    callback=_read_server,
    shell_complete=_complete_server,
    metavar="ENGINE-VERSION",
    help="What this server makes of it, such as redis-7.2 (default: every version).",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="For people or for programs.",
)
def directive(names: Sequence[str], server: Server | None, style: str) -> None:
    """Explain a directive of Redis and Valkey, in any spelling.

    Says what it does, its type, unit, bounds, default, aliases, and what differs between
    versions. Directives of sentinel.conf are named as they are written there. Without NAME
    all are listed.
    """
    entries: list[Entry] = [_find(name, server) for name in _joined(names)]
    if style == "json":
        everything = catalog.directives() if not names else entries
        click.echo(_json([_as_data(e, server) for e in everything if _known(e, server)], server))
    elif names:
        click.echo("\n\n".join("\n".join(_lines(entry, server)) for entry in entries))
    else:
        click.echo("\n".join(_listing(server)))


def _joined(words: Sequence[str]) -> list[str]:
    """The names in lower case; the word after `sentinel` belongs to it."""
    names: list[str] = []
    for word in " ".join(words).lower().split():
        if names and names[-1] == "sentinel":
            names[-1] = f"sentinel {word}"
        else:
            names.append(word)
    return names


def _find(name: str, server: Server | None) -> Entry:
    entry = catalog.directive(name) or catalog.module_directive(name) or catalog.historic(name)
    if entry is None:
        meant = catalog.nearest(name, server)
        hint = f"did you mean '{meant}'?" if meant else "'redislint directive' lists all"
        raise _Refusal(f"unknown directive '{_printable(name)}'; {hint}")
    if isinstance(entry, Directive) and server is not None and entry.spec(server) is None:
        raise _Refusal(
            f"{server} does not know '{name}', which is in {describe.availability(entry)}"
        )
    if isinstance(entry, Directive) and server is not None:
        spec = entry.spec(server)
        if spec is not None and name not in spec.names:
            raise _Refusal(f"{server} does not know '{name}'; there it is '{spec.name}'")
    return entry


def _printable(text: str) -> str:
    shown = "".join(c if c.isprintable() else "?" for c in text)
    return shown if len(shown) <= 60 else shown[:59] + "…"


def _known(entry: Entry, server: Server | None) -> bool:
    return server is None or not isinstance(entry, Directive) or entry.spec(server) is not None


def _lines(entry: Entry, server: Server | None) -> Iterator[str]:
    """The explanation of one directive, for people."""
    width = _columns()
    spec = entry.spec(server) if server and isinstance(entry, Directive) else None
    yield spec.name if spec else entry.name
    yield from _wrap(describe.summary(entry), width, 2, 2)
    facts = describe.facts(entry, server)
    shown = [(label, texts) for label, texts in facts if texts]
    if shown:
        yield ""
    for label, texts in shown:
        for number, text in enumerate(texts):
            head = f"  {label if number == 0 else '':<{_LABEL}}"
            wrapped = list(_wrap(text, width, len(head), len(head) + 2))
            yield head + wrapped[0][len(head) :]
            yield from wrapped[1:]


def _listing(server: Server | None) -> Iterator[str]:
    """Every directive with its summary."""
    width = _columns()
    for entry in catalog.directives():
        spec = entry.spec(server) if server else None
        if server is not None and spec is None:
            continue
        name = spec.name if spec else entry.name
        wrapped = list(_wrap(entry.summary, width, _NAME, _NAME))
        if len(name) < _NAME - 1:
            yield f"{name:<{_NAME}}{wrapped[0][_NAME:]}"
            yield from wrapped[1:]
        else:
            yield name
            yield from wrapped


def _wrap(text: str, width: int, first: int, rest: int) -> Iterator[str]:
    """Break between words; a first line indented by `first` blanks, later ones by `rest`."""
    line = " " * first
    empty = True
    for word in text.split():
        if not empty and len(line) + 1 + len(word) > width:
            yield line
            line, empty = " " * rest, True
        line += word if empty else f" {word}"
        empty = False
    yield line


def _columns() -> int:
    """The width of the terminal, 80 columns where there is none."""
    if not sys.stdout.isatty():
        return 80
    import shutil

    return min(_MOST_COLUMNS, max(60, shutil.get_terminal_size().columns))


def _json(entries: Iterable[dict[str, Any]], server: Server | None) -> str:
    import json

    document: dict[str, Any] = {"schema": "redislint-directive-1"}
    if server is not None:
        like = catalog.measured(server)
        document["server"] = {
            "engine": server.engine,
            "version": ".".join(map(str, server.version)),
            "like": str(like),
            "assumed": not catalog.is_measured(server),
        }
    document["directives"] = list(entries)
    return json.dumps(document, indent=2, ensure_ascii=False)


def _as_data(entry: Entry, server: Server | None) -> dict[str, Any]:
    if isinstance(entry, ModuleDirective):
        return {
            "name": entry.name,
            "context": "module",
            "module": entry.module,
            "type": entry.type,
            "default": entry.default,
            "range": entry.range,
            "enum": list(entry.values) or None,
        }
    if isinstance(entry, HistoricDirective):
        return {
            "name": entry.name,
            "context": "historic",
            "last_seen": entry.last_seen,
            "removed_in": entry.removed_in,
            "replaced_by": entry.replaced_by,
        }
    data: dict[str, Any] = {
        "name": entry.name,
        "aliases": list(entry.aliases),
        "context": entry.context,
        "summary": entry.summary,
        "unit": entry.unit,
        "repeat": entry.repeat,
        "secret": entry.secret,
        "rule": entry.rule,
        "build": entry.build,
        "replaced_by": entry.replaced_by,
        "inferred": entry.inferred,
    }
    spec = entry.spec(server) if server else None
    if spec is not None:
        data["facts"] = _spec_data(spec)
    else:
        data["engines"] = {engine: _engine_data(entry, engine) for engine in entry.engines}
    return data


def _engine_data(entry: Directive, engine: str) -> dict[str, Any]:
    return {
        "since": _version(entry.since(engine)),
        "since_patch": _version(entry.since_patch(engine)),
        "removed_in": _version(entry.removed_in(engine)),
        "ignored_since": _version(entry.ignored_since(engine)),
        "backports": [_version(server) for server in entry.backports(engine)],
        "facts": [
            {"from": ".".join(map(str, version)), "known": spec is not None}
            | (_spec_data(spec) if spec else {})
            for version, spec in entry.points(engine)
        ],
    }


def _version(server: Server | None) -> str | None:
    return ".".join(map(str, server.version)) if server else None


def _spec_data(spec: Spec) -> dict[str, Any]:
    return {
        "name": spec.name,
        "aliases": list(spec.aliases),
        "type": spec.type,
        "default": spec.default,
        "default_with_file": spec.default_with_file,
        "bounds": list(spec.bounds) if spec.bounds else None,
        "enum": list(spec.enum) if spec.enum else None,
        "event_letters": spec.event_letters,
        "arguments": list(spec.args),
        "flags": sorted(spec.flags),
        "config_get": spec.config_get,
        "listed": list(spec.listed),
        "config_file": spec.config_file,
    }

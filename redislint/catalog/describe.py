"""What there is to say of a directive, as labelled lines of text for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from redislint.catalog.ranges import availability as _ranges
from redislint.catalog.ranges import by_version
from redislint.catalog.servers import is_measured, measured
from redislint.catalog.spec import Directive, HistoricDirective, ModuleDirective, Spec
from redislint.model import Server

Entry = Directive | ModuleDirective | HistoricDirective

_TYPES = {
    "bool": "yes or no",
    "memory": "size in bytes, or with a unit (k, kb, m, mb, g, gb)",
    "percent-or-memory": "size in bytes, with a unit (k, kb, m, mb, g, gb), or N%",
    "signed-memory": "size in bytes or with a unit (k, kb, m, mb, g, gb), may be negative",
    "octal": "octal number",
    "enum": "one of the words below",
    "ignored": "read without effect",
}
_CONFIG_GET = {
    "listed": "listed by CONFIG GET *",
    "by-name": "shown only when asked for by its exact name",
    "none": "not shown",
}
_REPEAT = {
    "last-wins": None,
    "append": "each line adds to those before",
    "per-class": "one setting per class; of lines for one class the last wins",
    "each": "every line counts",
}
_POWERS = {2**n - 1: f"2^{n}-1" for n in (31, 32, 63, 64)} | {-(2**n): f"-2^{n}" for n in (31, 63)}
_UNITS = ((1 << 30, "gb"), (1 << 20, "mb"), (1 << 10, "kb"))


def summary(entry: Entry) -> str:
    """What it does, in a sentence."""
    if isinstance(entry, Directive):
        return entry.summary
    if isinstance(entry, ModuleDirective):
        return (
            f"Belongs to the module {entry.module}, which comes with full builds of Redis 8;"
            " a server that has not loaded it refuses to start with this name."
        )
    return (
        f"Was last known to Redis {entry.last_seen} and is gone since"
        f" {entry.removed_in}: every later server refuses to start with it."
    )


def facts(entry: Entry, server: Server | None = None) -> Iterator[tuple[str, list[str]]]:
    """Label and lines of each fact; lines are empty where there is nothing to say.

    For one server what it makes of the directive, else what holds on every version, with
    the versions before a line where they differ.
    """
    if isinstance(entry, Directive):
        spec = entry.spec(server) if server else None
        return _server_facts(entry, spec, server) if spec and server else _facts(entry)
    if isinstance(entry, ModuleDirective):
        return _module_facts(entry)
    return iter([("replaced by", [entry.replaced_by])] if entry.replaced_by else [])


def availability(entry: Directive) -> str:
    """The versions that know it, in words."""
    text = _ranges(entry)
    return text.replace("redis 2.8 ", "redis 2.8 (or older) ", 1)


_Facts = Iterator[tuple[str, list[str]]]


def _facts(entry: Directive) -> _Facts:
    """Label and lines of what holds on every version, differences by version range."""

    def of(fact: Callable[[Spec], str | None]) -> list[str]:
        return _by_version(entry, fact)

    yield "known to", [availability(entry)]
    yield "inferred", [entry.inferred] if entry.inferred else []
    yield "spellings", _spellings(entry)
    yield from _common(entry, of)
    yield "replaced by", [entry.replaced_by] if entry.replaced_by else []


def _server_facts(entry: Directive, spec: Spec, server: Server) -> _Facts:
    """The same for one server."""
    like = measured(server)
    if not is_measured(server):
        yield "server", [f"{server}, assumed to be like {like} where no release note differs"]
    else:
        yield "server", [str(server)]
    yield "known to", [availability(entry)]
    yield "also called", [", ".join(spec.aliases)] if spec.aliases else []

    def of(fact: Callable[[Spec], str | None]) -> list[str]:
        text = fact(spec)
        return [text] if text else []

    yield from _common(entry, of)
    yield "replaced by", [entry.replaced_by] if entry.replaced_by else []


def _common(entry: Directive, of: Callable[[Callable[[Spec], str | None]], list[str]]) -> _Facts:
    yield "type", of(_type)
    yield "form", [entry.rule] if entry.rule else []
    yield "unit", [entry.unit] if entry.unit and entry.unit != "bytes" else []
    yield "words", of(lambda s: ", ".join(s.enum) if s.enum else None)
    yield "letters", of(lambda s: s.event_letters)
    yield "bounds", of(_bounds)
    yield "arguments", of(_arguments)
    yield "default", of(_default)
    yield "with a file", of(_default_with_file)
    yield "at run time", of(_run_time)
    yield "CONFIG GET", of(_config_get)
    yield "in a file", of(lambda s: None if s.config_file else "refused: CONFIG SET only")
    repeat = _REPEAT[entry.repeat]
    yield "repeated", [repeat] if repeat else []
    yield "build", [entry.build] if entry.build else []
    yield "secret", ["the value is a credential: redislint never shows it"] if entry.secret else []


def _module_facts(entry: ModuleDirective) -> _Facts:
    yield "type", [entry.type]
    yield "words", [", ".join(entry.values)] if entry.values else []
    yield "bounds", [entry.range] if entry.range else []
    yield "default", [entry.default or '""']
    yield "basis", ["as documented by the module, not measured"]


def _by_version(entry: Directive, fact: Callable[[Spec], str | None]) -> list[str]:
    """One line per value: the versions and the value; the value alone when it is the same."""
    found = by_version(entry, fact)
    return [f"{on}: {text}" if on else text for text, on in found if text is not None]


def _spellings(entry: Directive) -> list[str]:
    """Each spelling with the versions that take it, where there is more than one."""
    if not entry.aliases:
        return []
    lines = []
    for spelling in (entry.name, *entry.aliases):
        for takes, on in by_version(entry, _takes(spelling)):
            if takes:
                lines.append(f"{spelling} ({on})" if on else spelling)
    return lines


def _takes(spelling: str) -> Callable[[Spec], bool]:
    return lambda spec: spelling in spec.names


def _type(spec: Spec) -> str:
    meaning = _TYPES.get(spec.type)
    return f"{spec.type}: {meaning}" if meaning else spec.type


def _bounds(spec: Spec) -> str | None:
    if spec.bounds is None:
        return None
    low, high = (_number(b, spec) if b is not None else None for b in spec.bounds)
    if low is not None and high is not None:
        return f"{low} to {high}"
    return f"at least {low}" if low is not None else f"at most {high}"


def _number(value: int, spec: Spec) -> str:
    if spec.type == "octal":
        return f"{value:o}"
    return _POWERS.get(value) or str(value)


def _arguments(spec: Spec) -> str | None:
    low, high = spec.args
    if (low, high) == (1, 1):
        return None
    if high is None:
        return f"{low} or more" if low else "any number"
    return str(low) if low == high else f"{low} to {high}"


def _default(spec: Spec) -> str | None:
    if spec.ignored or (spec.default is None and spec.repeat == "each"):
        return None
    if spec.default is None:
        return "not shown by CONFIG GET"
    return _value(spec.default, spec)


def _default_with_file(spec: Spec) -> str | None:
    if spec.default_with_file == spec.default or spec.default_with_file is None:
        return None
    return f"{_value(spec.default_with_file, spec)} when the file does not set it"


def _value(text: str, spec: Spec) -> str:
    if not text:
        return '""'
    if spec.type in ("memory", "signed-memory", "percent-or-memory") and text.isdigit():
        for size, unit in _UNITS:
            if int(text) and int(text) % size == 0:
                return f"{text} ({int(text) // size}{unit})"
    return text


def _config_get(spec: Spec) -> str:
    text = _CONFIG_GET[spec.config_get]
    if spec.listed and spec.listed != spec.names:
        return f"{text} as {', '.join(spec.listed)} only"
    return text


def _run_time(spec: Spec) -> str | None:
    if spec.ignored or spec.sentinel:
        return None
    if spec.immutable:
        return "fixed at startup: CONFIG SET refuses it"
    if spec.protected:
        return "CONFIG SET only where enable-protected-configs allows it"
    return "CONFIG SET changes it"

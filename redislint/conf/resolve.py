"""What one server makes of a configuration: accepted or not, and the values in effect.

    document.resolve("redis-7.2")                      a file alone
    resolve_command(["redis.conf", "--port", "7000"], "redis-7.2", cwd=directory)

The result holds the values of secrets for use in this process (`config_get`); what is
meant for eyes (`settings`, `diagnostics`, `conf[name]`) is redacted.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from redislint import catalog
from redislint.catalog import Spec
from redislint.conf import startup
from redislint.conf.defaults import default_values, typed_default
from redislint.conf.dialect import dialect
from redislint.conf.document import Document, Line
from redislint.conf.include import IncludeReader
from redislint.conf.load import Loader, UserLine
from redislint.conf.places import span_of
from redislint.conf.state import Applied, Found, Hidden, State
from redislint.model import REDACTED, Diagnostic, Server, Setting, Span

_OBUF = "client-output-buffer-limit"
_NOT_BY_DEFAULT = frozenset({"save", _OBUF, "databases", "pidfile"})
"""Directives whose value can differ from the default although no line of theirs counts."""
_MODULE = "loadmodule"


class Configuration:
    """The outcome for one server. Treat as read-only.

    `documents` are the texts read, in order: the main file, its includes, standard
    input, the command line. `user_lines` and `acl_data` (the ACL file; None when there is
    none within reach) hold passwords: for use within the process only.
    """

    def __init__(self, loader: Loader, *, with_file: bool, cwd: str | None) -> None:
        self.server: Server = loader.server
        self.documents: tuple[Document, ...] = tuple(loader.documents)
        self.sentinel: bool = loader.sentinel
        self.sentinel_lines = tuple((line, args) for _, line, args in loader.sentinels)
        self.user_lines: Sequence[UserLine] = loader.users
        self.acl_data: bytes | None = loader.acl_data
        self._sentinels = tuple(loader.sentinels)
        self._state: State = loader.state
        self._with_file = with_file
        self._start = cwd
        self._directory = loader.cwd

    @cached_property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Everything there is to say, in the order of the lines."""
        if self._state.retired:
            return ()
        from redislint.conf.lint import lint

        found = sorted(
            [*self._state.found, *lint(self._state, self.server, self.documents)],
            key=lambda item: item.order,
        )
        return tuple(item.diagnostic for item in found)

    @cached_property
    def rejection(self) -> Diagnostic | None:
        """Where the server stops: the first fatal diagnostic, in the server's order."""
        fatal = [item for item in self._state.found if item.diagnostic.fatal]
        return min(fatal, key=_server_order).diagnostic if fatal else None

    @property
    def accepted(self) -> bool:
        """Whether the server would start with it."""
        return not any(item.diagnostic.fatal for item in self._state.found)

    def config_get(self, name: str) -> str | None:
        """The text that CONFIG GET answers; None for a name that it does not show.

        Not redacted: for use within the process only.
        """
        spec = catalog.lookup(name.lower(), self.server)
        if spec is None or spec.config_get == "none" or spec.sentinel:
            return None
        return self._text(spec)

    def __contains__(self, name: str) -> bool:
        return catalog.lookup(name.lower(), self.server) is not None

    def __getitem__(self, name: str) -> Setting:
        """The setting in effect: the last one set, else the version's default.

        Raises KeyError for a name that the server does not know.
        """
        spec = catalog.lookup(name.lower(), self.server)
        if spec is None:
            near = catalog.nearest(name, self.server)
            hint = f"; did you mean '{near}'?" if near else ""
            raise KeyError(f"'{name}' is not a directive of {self.server}{hint}")
        text = self._text(spec)
        value = self._value(spec)
        applied = self._state.last.get(spec.directive)
        if applied is None:
            return _setting(spec.name, spec, text or "", value, "default")
        overrode = tuple(
            span_of(other.line)
            for other in self._state.applied
            if other.spec is spec and other is not applied and spec.repeat == "last-wins"
        )
        return _setting(
            applied.name,
            spec,
            text or "",
            value,
            applied.origin,
            _place(applied),
            overrode=overrode,
        )

    def place(self, name: str) -> Span | None:
        """Where the directive gets its value: the last line in effect; None by default."""
        spec = catalog.lookup(name.lower(), self.server)
        if spec is None:
            return None
        if spec.directive in self.hidden:
            return _arguments(self.hidden[spec.directive])
        applied = self._state.last.get(spec.directive)
        if applied is None:
            return None
        if spec.directive in ("save", _OBUF):
            counting = [one for one in self._state.effective() if one.spec is spec]
            applied = counting[-1] if counting else applied
        return _place(applied)

    def is_set(self, name: str) -> bool:
        """Whether a file or the command line sets the directive (under any of its names)."""
        spec = catalog.lookup(name.lower(), self.server)
        if spec is None:
            return False
        return spec.directive in self._state.last or spec.directive in self.hidden

    @cached_property
    def hidden(self) -> Mapping[str, Line]:
        """By directive: the line in effect whose value a template or a variable hides."""
        from redislint.conf.lint_text import PLACEHOLDER_MARK

        state = self._state
        if not state.hidden:
            # Nearly every file has no placeholder at all: that much is told at once.
            marked = (PLACEHOLDER_MARK.search(one.line.raw) for one in state.applied)
            if not any(marked):
                return {}
        from redislint.conf.hidden import hidden_lines

        return hidden_lines(state)

    @cached_property
    def alternatives(self) -> Mapping[str, Line]:
        """By directive: the last line of those that the branches of a template set to
        different values. Which one will be there, nobody can know."""
        if not any(document.branching for document in self.documents):
            return {}
        from redislint.conf.hidden import alternatives

        return alternatives(self._state)

    @property
    def unseen(self) -> str:
        """Why further directives may be set that nobody can see; "" where all is seen."""
        return self._state.unseen

    @cached_property
    def unknown(self) -> Mapping[str, str]:
        """Why the value of a directive is not known, by its name on this server; "" stands
        for all directives that nothing sets."""
        if not self.hidden and not self.alternatives:
            return {"": self.unseen} if self.unseen else {}
        from redislint.conf.hidden import branches_differ, reason

        specs = catalog.specs(self.server)
        others = {name: self.alternatives.get(spec.directive) for name, spec in specs.items()}
        found = {name: branches_differ(line) for name, line in others.items() if line is not None}
        names = {name: self.hidden.get(spec.directive) for name, spec in specs.items()}
        found |= {name: reason(line) for name, line in names.items() if line is not None}
        return found | ({"": self.unseen} if self.unseen else {})

    @cached_property
    def settings(self) -> tuple[Setting, ...]:
        """Every line that set something, in order; `effective` tells which count."""
        if self._state.hidden or self.hidden or self._sentinels:
            from redislint.conf.hidden import settings

            return settings(self._state, self.hidden, self._sentinels, self.server)
        in_effect = {id(applied) for applied in self._state.effective()}
        return tuple(
            setting_of(applied, effective=id(applied) in in_effect)
            for applied in self._state.applied
        )

    @property
    def applied(self) -> Sequence[Applied]:
        """Every line that set something with its words, in order. Not redacted."""
        return self._state.applied

    @property
    def save_lines(self) -> Sequence[Applied]:
        """The save lines whose points are in effect, in order."""
        return self._state.save_lines

    def values(self) -> Iterator[tuple[str, Any]]:
        """Canonical name and typed value of every directive of the server, redacted; None
        for what is not known (`unknown` tells why)."""
        defaults = default_values(self.server, self._with_file)
        changed = _NOT_BY_DEFAULT | self._state.last.keys()
        hidden, unseen = self.hidden.keys() | self.alternatives.keys(), bool(self.unseen)
        seen = self._state.last.keys() | self._state.unset
        for name, spec in catalog.specs(self.server).items():
            if spec.directive in hidden or (unseen and spec.directive not in seen):
                yield name, None
            elif spec.directive in changed:
                yield name, _safe(spec, self._value(spec))
            else:
                yield name, defaults[name]

    def _text(self, spec: Spec) -> str | None:
        state = self._state
        directive = spec.directive
        if directive == "save":
            text = state.save_text()
            return self._default(spec) if text is None else text
        if directive == _OBUF:
            limits = state.limits(self._default(spec) or "")
            return " ".join([f"{c} {h} {s} {t}" for c, h, s, t in limits])
        if directive == "dir":
            return self._dir(spec)
        applied = state.last.get(directive)
        if applied is None:
            return self._consequence(directive) or self._default(spec)
        clamp = self._clamp(spec, applied)
        return applied.value.text if clamp is None else str(clamp)

    def _consequence(self, directive: str) -> str | None:
        """What another directive makes of one that nothing set."""
        state, rules = self._state, dialect(self.server)
        if directive == "databases" and rules.cluster_single_database:
            return "1" if state.text("cluster-enabled") == "yes" else None
        if directive == "pidfile" and state.text("daemonize") == "yes":
            return rules.daemon_pidfile or None
        return None

    def _value(self, spec: Spec) -> Any:
        state = self._state
        directive = spec.directive
        if directive == "save":
            points = state.save_points()
            return (
                typed_default(spec, self.server, self._default(spec)) if points is None else points
            )
        if directive == _OBUF:
            return state.limits(self._default(spec) or "")
        applied = state.last.get(directive)
        if applied is None:
            text = self._consequence(directive) or self._default(spec)
            return typed_default(spec, self.server, text)
        clamp = self._clamp(spec, applied)
        return applied.value.value if clamp is None else clamp

    def _clamp(self, spec: Spec, applied: Applied) -> int | None:
        limit = dialect(self.server).io_threads_clamp
        if limit and spec.directive == "io-threads" and applied.value.value > limit:
            return limit
        return None

    def _default(self, spec: Spec) -> str | None:
        return spec.default_with_file if self._with_file else spec.default

    def _dir(self, spec: Spec) -> str | None:
        applied = self._state.last.get("dir")
        if self._directory is not None:
            return os.path.realpath(self._directory)
        return applied.value.text if applied else self._default(spec)


def resolve(
    document: Document,
    server: Server | str,
    argv: Sequence[str] = (),
    *,
    cwd: str | None = None,
    sentinel: bool | None = None,
    reader: IncludeReader | None = None,
    allow_outside: bool = False,
) -> Configuration:
    """What `server` makes of a file, with further arguments after its name.

    `cwd` is the server's working directory where it is known: includes then follow the
    server's rule alone. `sentinel` None: decided by `--sentinel` in `argv`. `reader` can
    be shared between servers, so that included files are read once. Raises ValueError
    for a server that is neither redis nor valkey.
    """
    from redislint.conf import argv as command_line

    target = Server.parse(server) if isinstance(server, str) else server
    if reader is None:
        reader = IncludeReader(document.path, cwd=cwd, allow_outside=allow_outside)
    if sentinel is None:
        sentinel = "--sentinel" in argv
    loader = Loader(target, reader, sentinel=sentinel, builtin_save=True, cwd=cwd)
    texts = [document]
    if argv:
        options = command_line.options(list(argv), loader.rules)
        if options.text:
            texts.append(command_line.document(options.text))
    return finish(loader, texts, with_file=True, cwd=cwd)


def finish(
    loader: Loader, texts: Sequence[Document], *, with_file: bool, cwd: str | None
) -> Configuration:
    """Read the texts, run the checks at the end, and make the Configuration."""
    if not loader.state.save_cleared and loader.rules.save_reset == "always" and with_file:
        loader.state.clear_save()
    if texts:
        loader.load(*texts)
    startup.check(loader)
    return Configuration(loader, with_file=with_file, cwd=cwd)


def _server_order(item: Found) -> tuple[bool, int]:
    return item.late, item.order


def setting_of(applied: Applied, *, effective: bool) -> Setting:
    """One line that set something, redacted."""
    return _setting(
        applied.name,
        applied.spec,
        applied.value.text,
        applied.value.value,
        applied.origin,
        _place(applied),
        effective=effective,
    )


def hidden_setting(hidden: Hidden, text: str, *, effective: bool) -> Setting:
    """A line whose value is not known; `text` is what stands in its place."""
    spec = hidden.spec
    place = _arguments(hidden.line, len(hidden.name.split()))
    shown = _setting(hidden.name, spec, text, None, hidden.origin, place, effective=effective)
    return shown._replace(value=None, known=False)


def _place(applied: Applied) -> Span:
    return _arguments(applied.line)


def sentinel_setting(line: Line, args: tuple[bytes, ...], spec: Spec) -> Setting:
    """A line that only a sentinel reads; its name has two words."""
    text = " ".join(arg.decode("utf-8", "surrogateescape") for arg in args[1:])
    return _setting(spec.name, spec, text, text, line.document.origin, _arguments(line, 2))


def _arguments(line: Line, after: int = 1) -> Span:
    """The place of what follows the `after` words of the name."""
    words = line.words or line.lenient_words
    if not words or len(words) <= after:
        return line.span()
    return line.span(words[after], words[-1])


def _safe(spec: Spec, value: Any) -> Any:
    if spec.name == _MODULE and value:
        return tuple(_redacted_module(" ".join(value)).split(" "))
    if not spec.secret or not value:
        return value
    return REDACTED


def _setting(
    name: str,
    spec: Spec,
    text: str,
    value: Any,
    origin: str,
    span: Any = None,
    *,
    effective: bool = True,
    overrode: tuple[Any, ...] = (),
) -> Setting:
    if spec.secret and text:
        text, value = _redacted_user(text) if spec.name == "user" else REDACTED, REDACTED
    elif spec.name == _MODULE and text:
        text = _redacted_module(text)
        value = tuple(text.split(" "))
    return Setting(name, spec.name, text, value, origin, span, True, effective, overrode)


def _redacted_module(text: str) -> str:
    """The arguments of a `loadmodule` line; what stands behind a credential's name is hidden."""
    from redislint.conf.redact import secret_ranges

    line = f"{_MODULE} {text}"
    for start, end in reversed(secret_ranges(line)):
        line = line[:start] + REDACTED + line[end:]
    return line.removeprefix(f"{_MODULE} ")


def _redacted_user(text: str) -> str:
    """A `user` line without its passwords and hashes."""
    return " ".join(
        word[0] + REDACTED if word[0] in "><#!" else word for word in text.split(" ") if word
    )

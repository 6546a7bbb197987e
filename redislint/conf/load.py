"""Reading a configuration as one server does: line by line, includes in place.

The loader goes on where the server stops, so that one run tells everything; a refused
line sets nothing. What is checked after the last line stands in `conf.startup`.

Followed are loadServerConfig and loadServerConfigFromString of the servers' config.c;
which version does what stands in `conf.dialect`.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from redislint.catalog import Spec
from redislint.catalog.tables import table
from redislint.conf import forms, values
from redislint.conf.dialect import Dialect, dialect
from redislint.conf.document import Document, Line, parse
from redislint.conf.include import IncludeError, IncludeMatch, IncludeReader, IncludeWalk
from redislint.conf.numbers import c_string
from redislint.conf.passage import HOLE
from redislint.conf.places import COMMAND_LINE, STDIN, span_of
from redislint.conf.plain import clamp_hz
from redislint.conf.reading import ReadError, read_file
from redislint.conf.renames import Renames
from redislint.conf.result import Note, Refusal, Result, Value, shown, text_of, wrong_count
from redislint.conf.state import Applied, Found, Hidden, Inclusion, State
from redislint.model import Diagnostic, Related, Server, Severity, Span

_MOST_RESULTS = 2_000

Results = dict[tuple[bytes, ...], Result]
_results: dict[tuple[int, int], Results] = {}
_plain_directives: dict[Server, dict[str, tuple[Spec, Results]]] = {}

UserLine = tuple[int, Line, tuple[bytes, ...], bool | None]
"""A `user` line: its order, the line, what follows the word, and what acl-pubsub-default
says there (None: the server's default)."""

_ANOTHER_FORM = frozenset({"include", "rename-command", "user", "loadmodule"})
_COMBINED = frozenset({"save", "client-output-buffer-limit", "dir"})
"""Directives that do more than set a value of their own."""

_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def results(spec: Spec, rules: Dialect) -> Results:
    """What `read_value` remembers of a directive, by arguments. Facts and dialects live
    as long as the process, so that their identities are good keys."""
    return _results.setdefault((id(spec), id(rules)), {})


def read_value(spec: Spec, rules: Dialect, args: tuple[bytes, ...]) -> Result:
    """`values.read`, remembered: the same line stands in many files and versions."""
    known = results(spec, rules)
    result = known.get(args)
    if result is None:
        if len(known) >= _MOST_RESULTS:
            known.clear()
        result = known[args] = values.read(spec, rules, args)
    return result


def _plain(server: Server, rules: Dialect) -> dict[str, tuple[Spec, Results]]:
    """The directives of a server that do nothing but take a value, by spelling."""
    found = _plain_directives.get(server)
    if found is None:
        found = _plain_directives[server] = {
            name: (spec, results(spec, rules))
            for name, spec in table(server).spellings.items()
            if spec.config_file
            and not (spec.sentinel or spec.ignored or spec.name in _ANOTHER_FORM)
            and spec.directive not in _COMBINED
        }
    return found


class Loader:
    """One server reading its configuration. `state` is what it has taken so far."""

    def __init__(
        self,
        server: Server,
        reader: IncludeReader,
        *,
        sentinel: bool = False,
        builtin_save: bool = False,
        cwd: str | None = None,
    ) -> None:
        self.server = server
        self.rules = dialect(server)
        self.sentinel = sentinel
        self.cwd = cwd
        self.state = State(builtin_save=builtin_save)
        self.documents: list[Document] = []
        self.queued: list[tuple[int, Line, str]] = []
        self.users: list[UserLine] = []
        self.sentinels: list[tuple[int, Line, tuple[bytes, ...]]] = []
        self.acl_data: bytes | None = None
        self.modules = False
        self.stdin = b""
        self._reader = reader
        self._walk = IncludeWalk(reader)
        self._specs = table(server).spellings
        self._renames = Renames(server, sentinel=sentinel)
        self._reading = False
        self._save_reset = False
        self._replicaof_refused = False

    # -- a text, line by line ----------------------------------------------------------

    def load(self, *documents: Document, origin: str = "file") -> None:
        """Read texts that the server reads as one, in order."""
        self._reading = True
        if len(documents) > 1:
            self._walk.not_alone()
        if self.rules.save_reset == "per-file":
            outer, self._save_reset = self._save_reset, False
        for document in documents:
            self.documents.append(document)
            where = "command-line" if document.path == COMMAND_LINE else origin
            if document.passage is None and not document.templated:
                self._lines(document, where)
            else:
                self._embedded_lines(document, where)
        self._end_of_text()
        if self.rules.save_reset == "per-file":
            self._save_reset = outer
        self._reading = False

    def _lines(self, document: Document, origin: str) -> None:
        """The hot path: a plain directive with a value seen before is taken here."""
        state = self.state
        applied, last = state.applied, state.last
        plain = _plain(self.server, self.rules)
        for line, name, args in document.prepared:
            state.order += 1
            known = plain.get(name)
            if known is not None and args is not None:
                spec, seen = known
                result = seen.get(args)
                if result.__class__ is Value and not result[2]:
                    taken = Applied(name, spec, result, line, origin, state.order)
                    applied.append(taken)
                    last[spec.directive] = taken
                    continue
            self._line(line, name, args, origin)

    def _embedded_lines(self, document: Document, origin: str) -> None:
        """The same for a text with a host: its origin is its own, and it may have holes."""
        where = origin if document.origin == "file" else document.origin
        for line, name, args in document.prepared:
            self.state.order += 1
            if document.templated and HOLE in line.raw:
                self._hidden(line, name, args, where)
            else:
                self._line(line, name, args, where)

    def _hidden(self, line: Line, name: str, args: tuple[bytes, ...] | None, origin: str) -> None:
        """A line with a hole: what it sets is known at most by its name."""
        state = self.state
        if HOLE in os.fsencode(name) or not name:
            state.unseen = state.unseen or "a template fills in further directives"
            return
        if name == "sentinel" and args:
            state.unseen = state.unseen or "a template fills in what it watches"
            name = f"sentinel {text_of(args[0].lower())}"
        spec = self._specs.get(name)
        if spec is not None and spec.sentinel:
            state.hidden.append(Hidden(name, spec, line, origin, state.order))
            return
        if spec is None or not spec.config_file:
            if not name.startswith("sentinel "):
                self._unknown(line, name, args or ())
            return
        if spec.name == "include":
            state.unseen = state.unseen or "a template names a file to include"
        self.modules = self.modules or spec.name == "loadmodule"
        state.hidden.append(Hidden(name, spec, line, origin, state.order))

    def _line(self, line: Line, name: str, args: tuple[bytes, ...] | None, origin: str) -> None:
        if args is None:
            words = line.lenient_words if self.rules.text_after_quote else None
            if words is None:
                self._unbalanced(line)
                return
            name = text_of(words[0].value.lower())
            args = tuple(word.value for word in words[1:])
        spec = self._specs.get(name)
        if spec is None or not spec.config_file or spec.sentinel:
            self._unknown(line, name, args)
            return
        if spec.name in _ANOTHER_FORM:
            self._special(line, name, spec, args, origin)
            return
        if spec.ignored and len(args) != 1:
            self._wrong_count(line, name, args, "one value")
            return
        result = read_value(spec, self.rules, args)
        if type(result) is Refusal:
            self._refused(line, spec, result, origin)
            return
        assert type(result) is Value
        directive = spec.directive
        if result.notes and directive != "save":
            self._notes(line, spec, result.notes)
        applied = Applied(name, spec, result, line, origin, self.state.order)
        if directive == "save":
            self._save(applied)
        elif directive == "client-output-buffer-limit":
            self.state.set_limits(applied)
        else:
            self.state.set(applied)
            if directive == "dir":
                self._change_directory(result.text)

    def _save(self, applied: Applied) -> None:
        reset = self.rules.save_reset
        if reset == "once" and not self._reading:
            self.state.clear_save()
        elif reset != "always" and not self._save_reset:
            self._save_reset = True
            self.state.clear_save()
        if forms.is_dropped(applied.value):
            self.state.dropped.append(applied)
            return
        self._notes(applied.line, applied.spec, applied.value.notes)
        if applied.value is forms.NO_SAVE:
            self.state.clear_save()
        self.state.add_save(applied)

    def _change_directory(self, path: str) -> None:
        if self.cwd is not None:
            self.cwd = os.path.normpath(os.path.join(self.cwd, path))

    def _end_of_text(self) -> None:
        """The checks at the end of each text that the server reads, includes included."""
        state = self.state
        replica = state.last.get("replicaof")
        cluster = state.text("cluster-enabled") == "yes"
        if cluster and replica and replica.value.text and not self._replicaof_refused:
            self._replicaof_refused = True
            enabled = state.last["cluster-enabled"]
            related = Related(span_of(enabled.line), "cluster mode is switched on here")
            self._add(
                replica.line,
                "RL121",
                Severity.ERROR,
                f"'{replica.name}' is refused in cluster mode: replicas are made with"
                " CLUSTER REPLICATE",
                fatal=True,
                stage="load",
                directive=replica.spec.directive,
                related=(related,),
            )
        if self.rules.hz_clamp == "end" and (hz := state.last.get("hz")):
            kept = clamp_hz(int(hz.value.value))
            if kept != hz.value.value:
                self._add(
                    hz.line,
                    "RL108",
                    Severity.INFO,
                    f"hz {hz.value.text} is cut to {kept} without a word",
                    directive="hz",
                )
                state.last["hz"] = hz._replace(value=Value(str(kept), kept))
        self._single_database(cluster)

    def _single_database(self, cluster: bool) -> None:
        databases = self.state.last.get("databases")
        if not (cluster and self.rules.cluster_single_database):
            return
        if databases and databases.value.value > 1:
            self._add(
                databases.line,
                "RL115",
                Severity.WARNING,
                f"databases {databases.value.text} has no effect: cluster mode has one database",
                directive="databases",
            )
            self.state.last["databases"] = databases._replace(value=Value("1", 1))

    # -- directives with a form of their own -------------------------------------------

    def _special(
        self, line: Line, name: str, spec: Spec, args: tuple[bytes, ...], origin: str
    ) -> None:
        low, high = spec.args
        if len(args) < low or (high is not None and len(args) > high):
            self._wrong_count(line, name, args, _FORMS[spec.name])
            return
        handle: Callable[[Line, tuple[bytes, ...]], bool] = getattr(
            self, "_" + spec.name.replace("-", "_")
        )
        order = self.state.order
        if handle(line, args):
            value = Value(text_of(b" ".join(args)), tuple(text_of(arg) for arg in args))
            self.state.set(Applied(name, spec, value, line, origin, order))

    def _include(self, line: Line, args: tuple[bytes, ...]) -> bool:
        if self.rules.includes_stdin and c_string(args[0]) == b"-":
            rest, self.stdin = self.stdin, b""
            self.load(parse(rest, STDIN))
            return True
        match = self._reader.expand(args[0], self.cwd, glob=self.rules.include_glob)
        if match.missing:
            from redislint.conf.wording import value_hint

            hint = value_hint("include", args[0])
            self._fatal(
                line,
                "RL116",
                f"include: there is no file {shown(args[0])}{hint}",
                stage="startup",
                word=1,
            )
            return False
        if match.outside:
            self._unread(
                line, f"include {shown(args[0])} was not read: it lies outside of the repository"
            )
            return False
        if match.files:
            self._read_include(line, match)
        elif not match.directories:
            self._add(
                line,
                "RL116",
                Severity.WARNING,
                f"include {shown(args[0])} matches no file; the server goes on without it",
                directive="include",
            )
        self._reading = False
        return True

    def _read_include(self, line: Line, match: IncludeMatch) -> None:
        try:
            document = self._walk.enter(match, span_of(line))
        except IncludeError as error:
            if error.kind == "cycle":
                self._fatal(
                    line, "RL116", f"include: {error.reason}; the server crashes", stage="crash"
                )
            else:
                self._unread(line, f"include was not followed: {error.reason}")
            return
        except ReadError as error:
            self._unread(line, f"include could not be read: {error}")
            return
        before = self.state.order
        self.load(document)
        self._walk.leave()
        self.state.includes.append(Inclusion(line, before, self.state.order, document))

    def _rename_command(self, line: Line, args: tuple[bytes, ...]) -> bool:
        problem = self._renames.rename(args[0], args[1])
        if problem is not None:
            self._fatal(line, "RL122", problem.message, stage=problem.stage, word=problem.word)
        return problem is None

    def _user(self, line: Line, args: tuple[bytes, ...]) -> bool:
        default = self.state.text("acl-pubsub-default")
        channels = None if default is None else default == "allchannels"
        self.users.append((self.state.order, line, args, channels))
        return True

    def _loadmodule(self, line: Line, args: tuple[bytes, ...]) -> bool:
        self.modules = True
        return True

    def acl_file(self, path: str) -> tuple[str, bytes] | None:
        """The ACL file as the server finds it from its directory, None out of reach."""
        place = os.path.join(self.cwd or self._reader.folder, path)
        if not self._reader.may_read(place):
            return None
        try:
            return path, read_file(place)
        except ReadError:
            return None

    # -- names that are no directive ---------------------------------------------------

    def _unknown(self, line: Line, name: str, args: tuple[bytes, ...]) -> None:
        if name == "sentinel":
            if not args:
                return
            if self.sentinel:
                self.sentinels.append((self.state.order, line, args))
                return
            self._fatal(
                line,
                "RL118",
                "a sentinel directive in a server's file: it needs redis-sentinel or --sentinel",
            )
            return
        if not line.start and (mark := _byte_order_mark(line.raw)):
            late = self.rules.queued_names == "all" and bool(args)
            self._fatal(line, "RL123", mark, stage="startup" if late else "load", late=late)
            return
        queued = self.rules.queued_names
        if args and (queued == "all" or (queued == "dotted" and "." in name)):
            self.queued.append((self.state.order, line, name))
            return
        from redislint.conf.wording import unknown_name

        rule, message = unknown_name(name, self.server)
        self._fatal(line, rule, message, word=0)

    def _wrong_count(self, line: Line, name: str, args: tuple[bytes, ...], form: str) -> None:
        late = self.rules.queued_names == "all" and bool(args)
        refusal = wrong_count(name, args, form)
        self._fatal(
            line,
            refusal.rule,
            refusal.message,
            stage="startup" if late else "load",
            late=late,
            word=refusal.argument + 1,
            directive=name,
        )

    # -- diagnostics -------------------------------------------------------------------

    def _unbalanced(self, line: Line) -> None:
        from redislint.conf.wording import unbalanced

        at, message = unbalanced(line.raw)
        place = line.document.span(line.place(at), line.end)
        self._fatal(line, "RL104", message, place=place)

    def _refused(self, line: Line, spec: Spec, refusal: Refusal, origin: str) -> None:
        from redislint.conf import placeholders

        if placeholders.find(line.name, line.raw):
            hidden = Hidden(line.name, spec, line, origin, self.state.order)
            self.state.hidden.append(hidden)
        from redislint.conf.wording import value_hint

        message, at = refusal.message, refusal.argument
        args = line.values or ()
        if 0 <= at < len(args) - 1 and "; " not in message:
            message += value_hint(spec.name, args[at + 1], number=spec.type == "int")
        if b"\r" in line.raw:
            message += "; a carriage return alone ends no line, only a line feed does"
        self._fatal(line, refusal.rule, message, word=at + 1, directive=spec.name)

    def _notes(self, line: Line, spec: Spec, notes: tuple[Note, ...]) -> None:
        for note in notes:
            self._add(
                line,
                note.rule,
                note.severity,
                note.message,
                word=note.argument + 1,
                directive=spec.name,
            )

    def _unread(self, line: Line, message: str) -> None:
        self._add(line, "RL001", Severity.ERROR, message, directive="include")

    def _fatal(
        self,
        line: Line,
        rule: str,
        message: str,
        *,
        stage: str = "load",
        late: bool = False,
        word: int | None = None,
        directive: str | None = None,
        place: Span | None = None,
    ) -> None:
        self._add(
            line,
            rule,
            Severity.ERROR,
            message,
            fatal=True,
            stage=stage,
            late=late,
            word=word,
            directive=line.name if directive is None else directive,
            place=place,
        )

    def _add(
        self,
        line: Line,
        rule: str,
        severity: Severity,
        message: str,
        *,
        fatal: bool = False,
        stage: str = "",
        late: bool = False,
        word: int | None = None,
        directive: str = "",
        order: int | None = None,
        related: tuple[Related, ...] = (),
        place: Span | None = None,
    ) -> None:
        diagnostic = Diagnostic(
            rule,
            severity,
            message,
            place or span_of(line, word),
            directive,
            fatal=fatal,
            stage=stage,
            related=related,
        )
        self.state.found.append(
            Found(late, self.state.order if order is None else order, diagnostic)
        )

    def add(
        self,
        line: Line,
        rule: str,
        message: str,
        *,
        order: int,
        stage: str,
        late: bool,
        word: int | None = None,
        severity: Severity = Severity.ERROR,
        directive: str | None = None,
        fatal: bool = True,
    ) -> None:
        """Add what a later check found about an earlier line."""
        self._add(
            line,
            rule,
            severity,
            message,
            fatal=fatal,
            stage=stage,
            late=late,
            word=word,
            directive=line.name if directive is None else directive,
            order=order,
        )


_FORMS = {
    "include": "one path",
    "rename-command": "a command and its new name",
    "user": "a name and rules",
    "loadmodule": "a path and arguments",
}


def _byte_order_mark(raw: bytes) -> str:
    """What to say of a text that begins with a byte order mark, "" where it does not."""
    if raw.startswith(_BOM):
        return "the file starts with a byte order mark: the first directive is unknown with it"
    if raw.startswith(_UTF16):
        return "the file is UTF-16, where servers read single bytes: save it as UTF-8"
    return ""

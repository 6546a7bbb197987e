"""The project's configuration, redislint.yaml: what it says, found and read strictly.

Read with the same care as policies: unknown keys and wrong values are errors with a
place. Paths of files in it are relative to its own folder. `extends` takes over other
files, whose settings the extending file overrides; their globs then count from the
extending file's folder, so that a shared configuration can lie anywhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Any, NamedTuple

from redislint.facts.backup import PLACES
from redislint.facts.declared import KEYS as DECLARATIONS
from redislint.facts.text import parse_duration
from redislint.model import Server, Severity
from redislint.policy.errors import PolicyError, Problem, quote
from redislint.policy.globs import matches
from redislint.policy.reading import Node, Reader, parse, parse_cached, read_bytes

MAX_EXTENDS = 16

KEYS = (
    "extends", "profile", "select", "ignore", "severity", "params", "policies", "workloads",
    "server", "workload", "environment", "files", "waivers", "fail-on", "fail-on-unknown",
    "baseline", "tag-map",
)  # fmt: skip
FILE_KEYS = (
    "path", "server", "workload", "environment", "rpo", "rto", "accept", "ignore",
    "backup", "backup-max-age", "last-drill", "load",
)  # fmt: skip
WAIVER_KEYS = ("rule", "path", "reason", "owner", "until")
ENVIRONMENTS = ("production", "staging", "development", "test")
_SEVERITIES = (*(severity.value for severity in Severity), "off")


class Word(NamedTuple):
    """A word that stands for rules, and where it was written."""

    text: str
    path: str
    line: int
    column: int

    def problem(self, message: str) -> Problem:
        return Problem(self.path, self.line, self.column, message)


class FileSettings(NamedTuple):
    """What holds for the files that `pattern` fits; `folder` is what it is relative to.

    `rpo`, `rto`, `load` and `backup_max_age` are seconds (`math.inf`: no limit);
    `last_drill` is an ISO date or "".
    """

    pattern: str = "**"
    folder: str = ""
    servers: tuple[Server, ...] = ()
    workload: tuple[str, ...] = ()
    environment: str = ""
    rpo: float | None = None
    rto: float | None = None
    accept: tuple[str, ...] = ()
    ignore: tuple[Word, ...] = ()
    backup: str = ""
    backup_max_age: float | None = None
    last_drill: str = ""
    load: float | None = None


class TagMapping(NamedTuple):
    """A tag whose value declares something. `values` maps its values (empty: as it stands)."""

    tag: str
    values: Mapping[str, str] = MappingProxyType({})


class CentralWaiver(NamedTuple):
    """A waiver of redislint.yaml. `until` is an ISO date or ""; `line` where it stands."""

    rules: tuple[Word, ...]
    patterns: tuple[str, ...]
    folder: str
    reason: str
    owner: str
    until: str
    path: str
    line: int
    column: int


class Project(NamedTuple):
    """Everything that redislint.yaml says. `path` is "" where there is none.

    `policies` and `workloads` are absolute paths. Of `files` every entry that fits
    counts, later ones in front. `parameters` maps words to new parameter values, `tags`
    what a managed cache can declare (workload, rpo, ...) to the tag that does.
    """

    path: str = ""
    folder: str = ""
    profile: str = ""
    select: tuple[Word, ...] = ()
    ignore: tuple[Word, ...] = ()
    severity: tuple[tuple[Word, str], ...] = ()
    parameters: tuple[tuple[Word, Mapping[str, Any]], ...] = ()
    policies: tuple[str, ...] = ()
    workloads: tuple[str, ...] = ()
    files: tuple[FileSettings, ...] = ()
    waivers: tuple[CentralWaiver, ...] = ()
    fail_on: str = ""
    fail_on_unknown: bool | None = None
    baseline: str = ""
    tags: Mapping[str, TagMapping] = MappingProxyType({})
    sources: tuple[str, ...] = field(default=(), compare=False)
    """The files that it was read from, itself first."""

    def settings_for(self, path: str) -> FileSettings:
        """What holds for one file (an absolute path), its `ignore` of all fitting entries."""
        found = FileSettings()
        for entry in self.files:
            if fits((entry.pattern,), entry.folder, path):
                found = _over(found, entry)
        return found


def fits(patterns: Iterable[str], folder: str, path: str) -> bool:
    """Whether an absolute path fits one of some globs relative to a folder."""
    relative = os.path.relpath(path, folder).replace(os.sep, "/")
    return any(matches(pattern, relative) for pattern in patterns)


def _over(base: FileSettings, entry: FileSettings) -> FileSettings:
    """`entry` where it says something, else `base`."""
    return FileSettings(
        entry.pattern,
        entry.folder,
        entry.servers or base.servers,
        entry.workload or base.workload,
        entry.environment or base.environment,
        base.rpo if entry.rpo is None else entry.rpo,
        base.rto if entry.rto is None else entry.rto,
        entry.accept or base.accept,
        (*base.ignore, *entry.ignore),
        entry.backup or base.backup,
        base.backup_max_age if entry.backup_max_age is None else entry.backup_max_age,
        entry.last_drill or base.last_drill,
        base.load if entry.load is None else entry.load,
    )


def load(path: str, shown: str | None = None, data: bytes | None = None) -> Project:
    """Read a project configuration and what it extends.

    `shown` is how problems name the file; `data` counts in place of what it holds. Raises
    PolicyError with every problem.
    """
    path = os.path.abspath(path)
    return _load(path, shown or path, (), os.path.dirname(path), data)


def _load(
    path: str, shown: str, above: tuple[str, ...], root: str, data: bytes | None = None
) -> Project:
    """`root` is the folder of the file that extends all others: globs are relative to it."""
    node = parse_cached(read_bytes(path, shown), shown) if data is None else parse(data, shown)
    if node is None:
        return Project(path=path, folder=os.path.dirname(path), sources=(path,))
    reader = Reader(shown)
    keys = reader.mapping(node, "redislint.yaml", KEYS)
    project = _ProjectReader(reader, os.path.dirname(path), root).read(path, keys)
    bases = []
    for entry in _entries(keys.get("extends")):
        text = reader.text(entry, "'extends'")
        if not text:
            continue
        target = os.path.realpath(os.path.join(os.path.dirname(path), text))
        chain = (*above, os.path.realpath(path))
        if target in chain:
            reader.bad(entry, f"'extends': {quote(text)} extends this file again (a cycle)")
        elif len(chain) > MAX_EXTENDS:
            reader.bad(entry, f"'extends' goes deeper than {MAX_EXTENDS} files")
        else:
            beside = os.path.join(os.path.dirname(shown), text)
            try:
                bases.append(_load(target, beside, chain, root))
            except PolicyError as error:
                reader.problems.extend(error.problems)
                if not os.path.exists(target):
                    reader.bad(entry, f"'extends': there is no file {quote(text)}")
    reader.done()
    for base in reversed(bases):
        project = _extend(base, project)
    return project


def _entries(node: Node | None) -> list[Node]:
    if node is None:
        return []
    return list(node.value) if node.kind == "list" else [node]


def _extend(base: Project, project: Project) -> Project:
    """`project` over `base`: single values replace, tables and lists add up."""
    unknown = project.fail_on_unknown
    return project._replace(
        profile=project.profile or base.profile,
        select=project.select or base.select,
        ignore=(*base.ignore, *project.ignore),
        severity=(*base.severity, *project.severity),
        parameters=(*base.parameters, *project.parameters),
        policies=(*base.policies, *project.policies),
        workloads=(*base.workloads, *project.workloads),
        files=(*base.files, *project.files),
        waivers=(*base.waivers, *project.waivers),
        fail_on=project.fail_on or base.fail_on,
        fail_on_unknown=base.fail_on_unknown if unknown is None else unknown,
        baseline=project.baseline or base.baseline,
        tags={**base.tags, **project.tags},
        sources=(*project.sources, *base.sources),
    )


class _ProjectReader:
    """Reads the keys of one redislint.yaml; problems go to `reader`."""

    def __init__(self, reader: Reader, folder: str, root: str) -> None:
        self.reader = reader
        self.folder = folder
        self.root = root

    def read(self, path: str, keys: Mapping[str, Node]) -> Project:
        reader = self.reader
        everywhere = self._file_settings(
            {name: keys[name] for name in ("server", "workload", "environment") if name in keys},
            "**",
        )
        files = [self._file(node) for node in reader.items(keys.get("files"), "'files'")]
        waivers = [self._waiver(node) for node in reader.items(keys.get("waivers"), "'waivers'")]
        unknown = keys.get("fail-on-unknown")
        return Project(
            path=path,
            folder=self.folder,
            profile=reader.text(keys.get("profile"), "'profile'"),
            select=self._words(keys.get("select"), "'select'"),
            ignore=self._words(keys.get("ignore"), "'ignore'"),
            severity=self._severities(keys.get("severity")),
            parameters=self._parameters(keys.get("params")),
            policies=self._paths(keys.get("policies"), "'policies'"),
            workloads=self._paths(keys.get("workloads"), "'workloads'"),
            files=tuple(entry for entry in (everywhere, *files) if entry != FileSettings()),
            waivers=tuple(filter(None, waivers)),
            fail_on=reader.choice(
                keys.get("fail-on"), "'fail-on'", [s.value for s in Severity], ""
            ),
            fail_on_unknown=reader.flag(unknown, "'fail-on-unknown'", False) if unknown else None,
            baseline=next(iter(self._paths(keys.get("baseline"), "'baseline'", False)), ""),
            tags=self._tags(keys.get("tag-map")),
            sources=(path,),
        )

    def _tags(self, node: Node | None) -> dict[str, TagMapping]:
        reader = self.reader
        if node is None:
            return {}
        found = {}
        for key, value in reader.mapping(node, "'tag-map'", DECLARATIONS).items():
            if value.kind != "map":
                text = reader.text(value, f"the tag for {key}", 128)
                if text:
                    found[key] = TagMapping(text)
                continue
            keys = reader.mapping(value, f"the tag for {key}", ("tag", "values"), ("tag",))
            values = keys.get("values")
            texts = {
                name: reader.text(one, f"what {quote(name)} means", 128)
                for name, one in (
                    reader.mapping(values, "'values'", None).items() if values else ()
                )
            }
            tag = reader.text(keys.get("tag"), "'tag'", 128)
            if tag:
                found[key] = TagMapping(tag, texts)
        return found

    def _word(self, node: Node, text: str) -> Word:
        return Word(text, self.reader.path, node.line, node.column)

    def _words(self, node: Node | None, what: str) -> tuple[Word, ...]:
        found = []
        for entry in _entries(node):
            text = self.reader.text(entry, f"each entry of {what}", 100)
            if text:
                found.append(self._word(entry, text))
        return tuple(found)

    def _severities(self, node: Node | None) -> tuple[tuple[Word, str], ...]:
        if node is None:
            return ()
        found = []
        for name, value in self.reader.mapping(node, "'severity'", None).items():
            severity = self.reader.choice(value, f"the severity of {name}", _SEVERITIES, "")
            if severity:
                found.append((self._word(node.value[name][0], name), severity))
        return tuple(found)

    def _parameters(self, node: Node | None) -> tuple[tuple[Word, Mapping[str, Any]], ...]:
        from redislint.policy.loader import is_parameter_value

        if node is None:
            return ()
        found = []
        for name, value in self.reader.mapping(node, "'params'", None).items():
            values = {}
            for key, item in self.reader.mapping(value, f"the parameters of {name}", None).items():
                if is_parameter_value(item):
                    values[key] = item.data
                else:
                    self.reader.bad(
                        item, f"parameter {quote(key)} must be text, a number, true, false or a"
                        " list of them"
                    )  # fmt: skip
            found.append((self._word(node.value[name][0], name), values))
        return tuple(found)

    def _paths(self, node: Node | None, what: str, exist: bool = True) -> tuple[str, ...]:
        found = []
        for entry in _entries(node):
            text = self.reader.text(entry, f"each entry of {what}")
            if not text:
                continue
            path = os.path.normpath(os.path.join(self.folder, text))
            if exist and not os.path.exists(path):
                self.reader.bad(entry, f"{what}: there is no {quote(text)}")
            else:
                found.append(path)
        return tuple(found)

    def _file(self, node: Node) -> FileSettings:
        keys = self.reader.mapping(node, "an entry of 'files'", FILE_KEYS, ("path",))
        return self._file_settings(keys, self.reader.text(keys.get("path"), "'path'") or "**")

    def _file_settings(self, keys: Mapping[str, Node], pattern: str) -> FileSettings:
        if not keys:
            return FileSettings()
        return FileSettings(
            pattern=pattern,
            folder=self.root,
            servers=self._servers(keys.get("server")),
            workload=self._names(keys.get("workload"), "'workload'"),
            environment=self.reader.choice(
                keys.get("environment"), "'environment'", ENVIRONMENTS, ""
            ),
            rpo=self._duration(keys.get("rpo"), "'rpo'"),
            rto=self._duration(keys.get("rto"), "'rto'"),
            accept=self._names(keys.get("accept"), "'accept'"),
            ignore=self._words(keys.get("ignore"), "'ignore'"),
            backup=self.reader.choice(keys.get("backup"), "'backup'", PLACES, ""),
            backup_max_age=self._duration(keys.get("backup-max-age"), "'backup-max-age'"),
            last_drill=self._date(keys.get("last-drill"), "'last-drill'"),
            load=self._duration(keys.get("load"), "'load'"),
        )

    def _names(self, node: Node | None, what: str) -> tuple[str, ...]:
        """Names in a list, or in one text with commas between them."""
        texts = self.reader.texts(node, what)
        return tuple(name.strip() for text in texts for name in text.split(",") if name.strip())

    def _servers(self, node: Node | None) -> tuple[Server, ...]:
        found = []
        for entry in _entries(node):
            text = self.reader.text(entry, "'server'", 60)
            if not text:
                continue
            try:
                found.append(Server.parse(text))
            except ValueError as error:
                self.reader.bad(entry, f"'server': {error}")
        return tuple(found)

    def _duration(self, node: Node | None, what: str) -> float | None:
        if node is None:
            return None
        if node.kind in ("int", "float") and node.value == 0:
            return 0.0
        text = self.reader.text(node, what, 40)
        try:
            return parse_duration(text) if text else None
        except ValueError as error:
            self.reader.bad(node, f"{what}: {error}")
            return None

    def _date(self, node: Node | None, what: str) -> str:
        text = self.reader.text(node, what, 40)
        if node is not None and text and not is_date(text):
            self.reader.bad(
                node, f"{what}: {quote(text)} is no date: expected one such as 2027-01-31"
            )
            return ""
        return text

    def _waiver(self, node: Node) -> CentralWaiver | None:
        reader = self.reader
        keys = reader.mapping(node, "a waiver", WAIVER_KEYS, ("rule", "reason"))
        rules = self._words(keys.get("rule"), "'rule'")
        until = self._date(keys.get("until"), "'until'")
        if not rules:
            return None
        return CentralWaiver(
            rules=rules,
            patterns=reader.texts(keys.get("path"), "'path'") or ("**",),
            folder=self.root,
            reason=" ".join(reader.text(keys.get("reason"), "'reason'").split()),
            owner=reader.text(keys.get("owner"), "'owner'"),
            until=until,
            path=reader.path,
            line=node.line,
            column=node.column,
        )


def is_date(text: str) -> bool:
    """Whether a text is a day as ISO 8601 writes it: 2027-01-31."""
    from datetime import date

    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10

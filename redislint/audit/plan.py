"""What the files of a run are held against: the rules, workloads and words of their project."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from redislint.audit.judge import Judge
from redislint.audit.paths import Paths
from redislint.audit.report import UsageError
from redislint.audit.servers import check_known
from redislint.facts.declared import DeclarationError, declared_facts
from redislint.policy.discovery import discover
from redislint.policy.errors import PolicyError, Problem
from redislint.policy.library import workloads
from redislint.policy.ruleset import rule_set
from redislint.policy.selection import UnknownWordError

if TYPE_CHECKING:
    from redislint.facts.workload import Workload
    from redislint.policy.project import Project


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line says about policies; `config` None: redislint.yaml is looked
    for upwards from each file."""

    profile: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    workload: str = ""
    config: str | None = None

    @classmethod
    def of(
        cls,
        *,
        profile: str | None,
        select: Iterable[str],
        ignore: Iterable[str],
        policies: Iterable[str | os.PathLike[str]],
        config: str | os.PathLike[str] | None,
        workload: str = "",
    ) -> Wishes:
        """The wishes as callers of the audit give them; policies are paths."""
        return cls(
            profile or "",
            tuple(select),
            tuple(ignore),
            tuple(os.path.abspath(path) for path in policies),
            workload,
            None if config is None else os.fspath(config),
        )


@dataclass(slots=True)
class Plans:
    """One judge for each project that files of a run belong to. `folder` is where targets
    belong that are no files ("" = the working directory); `said` is what an inventory
    declares about the targets at hand."""

    wishes: Wishes
    paths: Paths
    folder: str = ""
    said: Mapping[str, str] = field(default_factory=dict)
    _judges: dict[str | None, Judge] = field(default_factory=dict)
    _folders: dict[str, str | None] = field(default_factory=dict)

    def of(self, path: str) -> Judge:
        """The judge of the file at an absolute path (of a folder itself).

        Raises PolicyError for a broken configuration or policy and UsageError for a wrong
        word of the command line.
        """
        project = self._project_of(path)
        judge = self._judges.get(project)
        if judge is None:
            judge = self._judges[project] = self._judge(project)
        return judge._replace(said=self.said) if self.said else judge

    def elsewhere(self) -> Judge:
        """The judge of targets that are no files. Raises as `of` does."""
        return self.of(self.folder or os.getcwd())

    def saying(self, said: Mapping[str, str]) -> Plans:
        """The same plans, for targets about which an inventory declares `said`."""
        return replace(self, said=said)

    @property
    def judges(self) -> tuple[Judge, ...]:
        """Those that were asked for, in the order of the first question."""
        return tuple(self._judges.values())

    def _project_of(self, path: str) -> str | None:
        if self.wishes.config is not None:
            return os.path.abspath(self.wishes.config)
        folder = path if os.path.isdir(path) else os.path.dirname(path)
        if folder not in self._folders:
            self._folders[folder] = discover(folder)
        return self._folders[folder]

    def _judge(self, path: str | None) -> Judge:
        project = _load(path, self.paths.name(path)) if path else None
        wishes = self.wishes
        own = (*(project.policies if project else ()), *wishes.policies)
        names = None
        if own:
            from redislint.audit.vocabulary import vocabulary

            names = vocabulary()
        try:
            rules = rule_set(
                project,
                profile=wishes.profile,
                select=words(wishes.select),
                ignore=words(wishes.ignore),
                policies=wishes.policies,
                names=names,
            )
        except UnknownWordError as error:
            raise UsageError(str(error)) from None
        known = workloads(project.workloads if project else ())
        if project:
            _check(project, known, self.paths)
        try:
            declared_facts({"workload": wishes.workload}, known)
        except DeclarationError as error:
            raise UsageError(f"--workload: {error}") from None
        return Judge(rules, known, project, wishes.workload)


def check_project(path: str, data: bytes, paths: Paths) -> None:
    """Raises PolicyError for every mistake of a redislint.yaml at `path` that holds `data`."""
    from redislint.audit.vocabulary import vocabulary
    from redislint.policy.project import load

    project = load(path, paths.name(path), data)
    rule_set(project, names=vocabulary())
    _check(project, workloads(project.workloads), paths)


def _load(path: str, shown: str) -> Project:
    from redislint.policy.project import load

    return load(path, shown)


def words(given: Iterable[str]) -> tuple[str, ...]:
    """The words of options that take several, also with commas between them."""
    return tuple(part.strip() for word in given for part in word.split(",") if part.strip())


def _check(project: Project, known: Mapping[str, Workload], paths: Paths) -> None:
    """Raises PolicyError for workloads, trade-offs and servers that nobody knows."""
    problems = [Problem(paths.name(project.path), 0, 0, text) for text in _wrong(project, known)]
    if problems:
        raise PolicyError(problems)


def _wrong(project: Project, known: Mapping[str, Workload]) -> Iterator[str]:
    for entry in project.files:
        for key, values in (("workload", entry.workload), ("accept", entry.accept)):
            try:
                declared_facts({key: ",".join(values)}, known)
            except DeclarationError as error:
                yield f"'{key}': {error}"
        for server in entry.servers:
            try:
                check_known(server)
            except UsageError as error:
                yield f"'server': {error}"

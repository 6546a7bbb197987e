"""From targets to a Report: every file examined, then waivers, baseline and scores."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from redislint.audit.examine import Examined, Examiner
from redislint.audit.inputs import Inputs, ServerInputs
from redislint.audit.paths import Paths
from redislint.audit.plan import Plans, Wishes
from redislint.audit.report import Interrupted, Report
from redislint.audit.score import score
from redislint.audit.servers import beyond_catalogue, servers_of
from redislint.audit.texts import Texts
from redislint.conf.document import Document
from redislint.conf.reading import MAX_BYTES
from redislint.model import (
    AuditError,
    Finding,
    Outcome,
    OutcomeKind,
    RuleInfo,
    Server,
    Severity,
    Target,
)
from redislint.policy.rules import Rule
from redislint.sources import kinds
from redislint.sources.discovery import STDIN, Unread
from redislint.version import VERSION

if TYPE_CHECKING:
    from redislint.sources.cloud.options import CloudOptions
    from redislint.sources.live.options import LiveOptions


def check(
    targets: Iterable[str | os.PathLike[str]] = (),
    *,
    server: Server | str | Sequence[Server | str] | None = None,
    workload: str | Sequence[str] | None = None,
    profile: str | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    policies: Iterable[str | os.PathLike[str]] = (),
    config: str | os.PathLike[str] | None = None,
    waivers: bool = True,
    baseline: str | os.PathLike[str] | None = None,
    update_baseline: bool = False,
    stdin: bytes | None = None,
    stdin_filename: str | None = None,
    allow_outside: bool = False,
    max_file_size: int = MAX_BYTES,
    texts: Mapping[str, bytes] | None = None,
    live: LiveOptions | None = None,
    host: str | os.PathLike[str] | None = None,
    conf: str | os.PathLike[str] | None = None,
    dump_effective: str | os.PathLike[str] | None = None,
    cloud: CloudOptions | None = None,
) -> Report:
    """Lint and audit `targets`: files, directories, URLs of running servers and of managed
    caches, or `-` for the bytes of `stdin`.

    No target means the current directory. `server` is one server or several
    (`redis-7.2`); without it the pragma in a file decides, then redislint.yaml, else the
    file is held against every supported version. `workload` says what the data is for
    (several names: the strictest of each). `profile` is minimal, recommended or strict;
    `select` and `ignore` take rule ids, names, tags and the beginnings of ids (`RL2`).
    `policies` are further policy files and folders. `config` is a redislint.yaml; without
    it one is looked for upwards from each file. `waivers` False: nothing is silenced.
    `baseline` is a file of known findings, which `update_baseline` writes.
    `max_file_size` is in bytes. `texts` counts in place of what files hold, by their
    path with links resolved. `live` says how servers are reached; `host` is a file with the
    facts of the host that one of them runs on; `conf` the file that they were started with,
    which they are compared with; `dump_effective` a folder that their effective
    configuration is written to, for findings to point at. `cloud` says how AWS
    is asked.

    What cannot be read or evaluated is in `Report.errors`. Raises UsageError for a wrong
    argument, PolicyError for a broken configuration, policy or baseline, and Interrupted,
    with the report so far, when the user stops it.
    """
    inputs = Inputs.of(
        targets,
        stdin=stdin,
        stdin_filename=stdin_filename,
        allow_outside=allow_outside,
        max_file_size=max_file_size,
        texts=texts or {},
    )
    names = (workload,) if isinstance(workload, str) else workload or ()
    wishes = Wishes.of(
        profile=profile,
        select=select,
        ignore=ignore,
        policies=policies,
        config=config,
        workload=",".join(names),
    )
    paths = inputs.paths()
    examiner = Examiner(inputs, servers_of(server), Plans(wishes, paths), paths)
    chosen = None if baseline is None else os.fspath(baseline)
    asked = ServerInputs(live, host, conf, dump_effective)
    return _Audit(examiner, waivers, chosen, update_baseline, asked, cloud).run()


class Auditor:
    """Audits one target after another with rules that are made once.

    `folder` is the absolute path that targets belong to which are no files: where their
    redislint.yaml is looked for. The other arguments are those of `check`. Raises PolicyError
    and UsageError for what makes no rules.
    """

    def __init__(
        self,
        folder: str,
        *,
        profile: str | None = None,
        select: Iterable[str] = (),
        ignore: Iterable[str] = (),
        policies: Iterable[str | os.PathLike[str]] = (),
        config: str | os.PathLike[str] | None = None,
        waivers: bool = True,
    ) -> None:
        wishes = Wishes.of(
            profile=profile, select=select, ignore=ignore, policies=policies, config=config
        )
        self._paths = Paths([folder], folder)
        self._plans = Plans(wishes, self._paths, folder)
        self._waivers = waivers
        self.judge = self._plans.elsewhere()
        """The judge of the folder's project."""

    def check(
        self,
        target: str,
        *,
        said: Mapping[str, str],
        server: str | None = None,
        asked: ServerInputs | None = None,
        cloud: CloudOptions | None = None,
    ) -> Report:
        """Audit one target as `check` does. `said`: what an inventory declares about it, as
        texts by key (workload, environment, rpo, rto, backup, ...); `server`: what a file is
        held against; `asked`: how running servers are reached, or what was read of them."""
        inputs = Inputs.of([target])
        plans = self._plans.saying(said)
        examiner = Examiner(inputs, servers_of(server), plans, self._paths)
        audit = _Audit(examiner, self._waivers, None, False, asked or ServerInputs(), cloud)
        return audit.run()


class _Audit(NamedTuple):
    """The arguments of one run."""

    examiner: Examiner
    waivers: bool
    baseline: str | None
    update_baseline: bool
    asked: ServerInputs = ServerInputs()
    cloud: CloudOptions | None = None

    def run(self) -> Report:
        examiner = self.examiner
        inputs, paths = examiner.inputs, examiner.paths
        self._load_projects()
        named = inputs.named
        results: list[Examined] = []
        errors: list[AuditError] = []
        notices: list[str] = []
        servers = self._servers()
        try:
            for item in inputs.load():
                if isinstance(item, Unread):
                    errors.append(AuditError(paths.name(item.path), "read", item.reason))
                    continue
                found = examiner.examine(item, errors)
                if found is not None:
                    results.append(found)
            results.extend(servers(errors, notices))
            results.extend(self._caches(errors, notices))
        except KeyboardInterrupt:
            raise Interrupted(self._report(results, named, errors, notices, True)) from None
        return self._report(results, named, errors, notices, False)

    def _servers(self) -> Callable[[list[AuditError], list[str]], Iterator[Examined]]:
        """What reads and judges running servers; wrong options show before anything is read."""
        examiner = self.examiner
        urls = examiner.inputs.urls
        if not urls and not self.asked.needing_servers:
            return lambda errors, notices: iter(())
        from redislint.audit.running import Servers, examine

        servers = Servers.of(examiner.inputs, self.asked, examiner.paths)
        return lambda errors, notices: examine(
            urls, servers, examiner.plans, examiner.paths, errors, notices
        )

    def _caches(self, errors: list[AuditError], notices: list[str]) -> Iterator[Examined]:
        """What the rules say of managed caches."""
        clouds, examiner = self.examiner.inputs.clouds, self.examiner
        if not clouds:
            return iter(())
        from redislint.audit.cloud import examine

        return examine(clouds, self.cloud, examiner.plans, examiner.paths, errors, notices)

    def _load_projects(self) -> None:
        """A broken configuration is an error even where there is nothing to check."""
        inputs = self.examiner.inputs
        for target in inputs.targets:
            given = (inputs.stdin_filename or os.curdir) if target == STDIN else target
            self.examiner.plans.of(os.path.abspath(given))
        if inputs.urls or inputs.clouds:
            self.examiner.plans.elsewhere()

    def _report(
        self,
        results: list[Examined],
        named: frozenset[str],
        errors: list[AuditError],
        said_before: list[str],
        interrupted: bool,
    ) -> Report:
        from redislint.audit.settle import baseline_path, order, with_baseline, with_waivers

        paths, judges = self.examiner.paths, self.examiner.plans.judges
        kept = _without_fragments(results, named)
        kept.sort(key=lambda result: result.target.id)
        if self.waivers:
            findings = with_waivers(kept, paths)
        else:
            findings = tuple(sorted((f for r in kept for f in r.findings), key=order))
        outcomes = tuple(outcome for result in kept for outcome in result.outcomes)
        rules = {name: rule for judge in judges for name, rule in judge.rules.rules.items()}
        notices = [*beyond_catalogue(self.examiner.servers), *said_before]
        notices += [notice for judge in judges for notice in judge.rules.notices]
        path = baseline_path(self.baseline, judges)
        if path:
            failed = any(outcome.kind is OutcomeKind.ERROR for outcome in outcomes)
            findings, said = with_baseline(
                findings,
                path,
                update=self.update_baseline,
                targets=[result.target.id for result in kept],
                evaluated={result.target.id: result.judge.rules.chosen for result in kept},
                incomplete=bool(errors) or interrupted or failed,
            )
            notices += said
        return Report(
            targets=_scored(kept, findings, rules),
            findings=findings,
            outcomes=outcomes,
            errors=tuple(sorted(errors, key=lambda e: (e.target, e.stage, e.message))),
            rules=_Infos(rules, _mentioned(findings, outcomes)),
            tool_version=VERSION,
            files_checked=len(kept),
            texts=_texts(kept, findings, paths),
            files=paths.originals,
            notices=tuple(dict.fromkeys(notices)),
            interrupted=interrupted,
            fail_on=min(
                (Severity(judge.project.fail_on) for judge in judges
                 if judge.project and judge.project.fail_on),
                key=lambda severity: severity.rank,
                default=None,
            ),
            fail_on_unknown=any(j.project.fail_on_unknown for j in judges if j.project),
        )  # fmt: skip


class _Infos(Mapping[str, RuleInfo]):
    """What reports say about some rules, made when asked for."""

    def __init__(self, rules: Mapping[str, Rule], wanted: frozenset[str]) -> None:
        self._rules = rules
        self._wanted = wanted

    def __getitem__(self, name: str) -> RuleInfo:
        if name not in self._wanted:
            raise KeyError(name)
        return self._rules[name].info

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._rules if name in self._wanted)

    def __len__(self) -> int:
        return len(self._wanted)


def _mentioned(findings: Sequence[Finding], outcomes: Sequence[Outcome]) -> frozenset[str]:
    return frozenset([f.rule for f in findings]) | frozenset([o.rule for o in outcomes])


def _scored(
    results: Sequence[Examined], findings: Sequence[Finding], rules: Mapping[str, Rule]
) -> tuple[Target, ...]:
    by_target: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.waiver is None:
            by_target.setdefault(finding.target, []).append(finding)
    targets = []
    for result in results:
        target = result.target
        found = score(by_target.get(target.id, ()), result.outcomes, rules)
        targets.append(
            target if found is None else target._replace(score=found.points, coverage=found.share)
        )
    return tuple(targets)


def _texts(
    results: Sequence[Examined], findings: Sequence[Finding], paths: Paths
) -> Mapping[str, str]:
    """What findings point into; of files without findings nothing is kept."""
    used = {finding.span.path for finding in findings if finding.span}
    documents: dict[str, Document] = {}
    acl_files = set()
    for result in results:
        documents.update(
            (name, document)
            for path, document in (*result.texts.items(), *result.shown.items())
            if (name := paths.name(path)) in used and not document.foreign
        )
        if result.target.kind == kinds.ACL_FILE:
            acl_files.add(result.target.id)
    return Texts(documents, frozenset(acl_files))


def _without_fragments(results: list[Examined], named: frozenset[str]) -> list[Examined]:
    """Leave out what a directory search found and another file of the run includes.

    Such a fragment is judged where it takes effect, once. Of files that include each
    other in a circle the first stays.
    """
    included: dict[str, set[str]] = {}
    for result in results:
        for path in result.includes:
            included.setdefault(os.path.realpath(path), set()).add(result.path)
    if not included:
        return results
    dropped: set[str] = set()
    for result in reversed(results):
        by = included.get(os.path.realpath(result.path), set()) - dropped - {result.path}
        if by and result.path not in named and not result.deployed:
            dropped.add(result.path)
    return [result for result in results if result.path not in dropped]

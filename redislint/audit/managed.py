"""Managed caches that host files declare (Terraform, CloudFormation), held against the rules
that hold for those read from AWS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from redislint.audit.cloud import completed
from redislint.audit.examine import Examined
from redislint.audit.findings import finding, numbered
from redislint.audit.judge import Judge, Offer
from redislint.audit.merge import Merged
from redislint.audit.paths import Paths
from redislint.conf.document import Document
from redislint.model import AuditError, Diagnostic, Fix, FixSafety, Target
from redislint.sources.conf_file import LoadedFile
from redislint.sources.iac.deployment import Managed


def target_of(
    loaded: LoadedFile, managed: Managed, judge: Judge, paths: Paths, errors: list[AuditError]
) -> Target | None:
    """The cache with all its facts; None where what is declared for it cannot be used."""
    path = loaded.file.path
    name = paths.name(path)
    found = managed.found
    target = found.target._replace(id=name + loaded.suffix, uri=name)
    found = replace(found, target=target)
    return completed(found, judge, errors, path, loaded.declared)


def examine(
    loaded: LoadedFile, managed: Managed, judge: Judge, paths: Paths, errors: list[AuditError]
) -> Examined | None:
    """What the rules say of it, each finding at the attribute that it is about."""
    target = target_of(loaded, managed, judge, paths, errors)
    if target is None:
        return None
    texts = {host.path: host for host in managed.hosts if host.path}
    return examined(loaded, target, texts, judge, paths, errors, offer=_offer(managed))


def _offer(managed: Managed) -> Offer:
    def offer(wanted: Mapping[str, str], safety: FixSafety, at: Sequence[str]) -> Fix | None:
        from redislint.audit.managed_fixes import parameter_fix

        return parameter_fix(managed, wanted, safety)

    return offer


def examined(
    loaded: LoadedFile,
    target: Target,
    texts: Mapping[str, Document],
    judge: Judge,
    paths: Paths,
    errors: list[AuditError],
    offer: Offer | None = None,
) -> Examined:
    """What the rules say of a target that starts no server of its own. `texts`: the host files
    that it stands in, by absolute path; `offer` makes the fixes that can be made in them."""
    path = loaded.file.path
    judgement = judge.hold(target, path, offer)
    errors.extend(judgement.errors)
    environment = target.facts.get("target.environment")
    weigh = judge.weighing(path, environment.value if environment else "")
    said = weigh(judgement.diagnostics)
    fingerprint = numbered()
    rules = judge.rules.rules
    return Examined(
        target=target._replace(settings=()),
        findings=tuple(
            finding(Merged(one, None), target.id, texts, paths, fingerprint, rules)
            for one in sorted(said, key=_order)
        ),
        outcomes=judgement.outcomes,
        path=path,
        texts=texts,
        accepted={target.server: True},
        judge=judge,
        pragma=loaded.pragma,
        deployed=True,
    )


def _order(diagnostic: Diagnostic) -> tuple[str, int, int, str]:
    span = diagnostic.span
    if span is None:
        return "", 0, 0, diagnostic.rule
    return span.path, span.line, span.column, diagnostic.rule

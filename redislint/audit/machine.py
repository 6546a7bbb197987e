"""Hosts that files of a repository describe (kernel settings), held against the rules."""

from __future__ import annotations

from redislint.audit.examine import Examined
from redislint.audit.judge import Judge
from redislint.audit.managed import examined
from redislint.audit.paths import Paths
from redislint.facts.declared import DeclarationError, declared_facts
from redislint.model import AuditError, Target
from redislint.sources.conf_file import LoadedFile
from redislint.sources.iac.deployment import Machine


def target_of(
    loaded: LoadedFile, machine: Machine, judge: Judge, paths: Paths, errors: list[AuditError]
) -> Target | None:
    """The host with what is declared of it; None where that cannot be used."""
    path = loaded.file.path
    name = paths.name(path)
    declared = judge.declared(loaded.declared, path)
    try:
        more = declared_facts(declared, judge.workloads)
    except DeclarationError as error:
        errors.append(AuditError(name, "pragma", str(error)))
        return None
    target = machine.target
    return target._replace(
        id=name + loaded.suffix,
        uri=name,
        workload=declared.get("workload"),
        facts={**target.facts, **more},
    )


def examine(
    loaded: LoadedFile, machine: Machine, judge: Judge, paths: Paths, errors: list[AuditError]
) -> Examined | None:
    """What the rules say of it; a finding points at the kernel setting that it is about."""
    target = target_of(loaded, machine, judge, paths, errors)
    if target is None:
        return None
    texts = {loaded.file.path: machine.host}
    return examined(loaded, target, texts, judge, paths, errors)

"""Managed caches from end to end: read, joined with what is declared, held against the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from redislint.audit.examine import Examined
from redislint.audit.findings import of_judgement
from redislint.audit.judge import Judge
from redislint.audit.paths import Paths
from redislint.audit.plan import Plans
from redislint.audit.policies import with_running_facts
from redislint.facts.declared import KEYS, DeclarationError
from redislint.model import AuditError, Target
from redislint.policy.project import TagMapping
from redislint.sources import cloud
from redislint.sources.cloud.options import CloudOptions
from redislint.sources.cloud.parameters import ORIGIN
from redislint.sources.cloud.reading import CloudTarget

TAG_PREFIX = "redislint:"
"""Tags that declare something by themselves: redislint:workload, redislint:rpo, ..."""

_OF_THE_VERSION = (
    "server.name",
    "server.version",
    "server.version_text",
    "server.compat",
    "server.supported",
    "server.end_of_life",
    "server.end_of_life_days",
    "server.vulnerabilities",
    "cloud.family_fits",
)


def targets(
    urls: Sequence[str],
    options: CloudOptions | None,
    plans: Plans,
    errors: list[AuditError],
    notices: list[str],
) -> Iterator[tuple[CloudTarget, Target, Judge]]:
    """Each cache with its facts, and the judge of the project of the working directory."""
    judge = plans.elsewhere()
    reading = cloud.read(urls, options)
    errors.extend(reading.errors)
    notices.extend(reading.notices)
    for found in reading.targets:
        target = completed(found, judge, errors)
        if target is not None:
            yield found, target, judge


def completed(
    found: CloudTarget,
    judge: Judge,
    errors: list[AuditError],
    path: str = "",
    pragma: Mapping[str, str] = MappingProxyType({}),
) -> Target | None:
    """The target with all its facts; None where what is declared for it cannot be used.

    A tag that cannot be used is an error of its own, and the cache is judged without it.
    `path` is what the project speaks of, the target's id by default; `pragma` what the file
    declares that it stands in, which counts more than tags.
    """
    mapping = judge.project.tags if judge.project else {}
    tagged = {**declared_by(found.target.tags, mapping), **pragma}
    path = path or found.target.id
    try:
        return _with_facts(found, judge, tagged, path)
    except DeclarationError as error:
        if not tagged:
            errors.append(AuditError(found.target.id, "redislint.yaml", str(error)))
            return None
    for key in sorted(tagged):
        try:
            _with_facts(found, judge, {key: tagged[key]}, path)
        except DeclarationError as error:
            errors.append(AuditError(found.target.id, "tags", str(error)))
            del tagged[key]
    try:
        return _with_facts(found, judge, tagged, path)
    except DeclarationError as error:
        errors.append(AuditError(found.target.id, "redislint.yaml", str(error)))
        return None


def declared_by(tags: Mapping[str, str], mapping: Mapping[str, TagMapping]) -> dict[str, str]:
    """What a cache's tags declare, as texts by key: `redislint:KEY` first, then `tag-map`.

    A value that a mapping with `values` does not name declares nothing.
    """
    declared: dict[str, str] = {}
    for key in KEYS:
        if TAG_PREFIX + key in tags:
            declared[key] = tags[TAG_PREFIX + key]
        elif key in mapping and mapping[key].tag in tags:
            text = tags[mapping[key].tag]
            values = mapping[key].values
            text = values.get(text, "") if values else text
            if text:
                declared[key] = text
    return declared


def _with_facts(found: CloudTarget, judge: Judge, tagged: Mapping[str, str], path: str) -> Target:
    target = found.target
    declared = judge.declared(tagged, path)
    target = target._replace(workload=declared.get("workload"))
    conf = found.configuration
    target = with_running_facts(target, conf, declared, judge.workloads, None, ORIGIN)
    if found.version_known:
        return target
    facts = {path: fact for path, fact in target.facts.items() if path not in _OF_THE_VERSION}
    why = found.target.unknown.get("server.version", "")
    why = why or "the list of cache clusters, which tells the version, was not read"
    unknown = {**target.unknown, **dict.fromkeys(_OF_THE_VERSION, why)}
    return target._replace(facts=facts, unknown=unknown)


def examine(
    urls: Sequence[str],
    options: CloudOptions | None,
    plans: Plans,
    paths: Paths,
    errors: list[AuditError],
    notices: list[str],
) -> Iterator[Examined]:
    """What the rules say of each managed cache."""
    for _, target, judge in targets(urls, options, plans, errors, notices):
        judgement = judge.hold(target, target.id)
        errors.extend(judgement.errors)
        yield Examined(
            target=target._replace(settings=()),
            findings=of_judgement(judgement, judge, paths),
            outcomes=judgement.outcomes,
            path=target.id,
            texts={},
            accepted={target.server: True},
            judge=judge,
        )

"""Which files may describe servers, told from their names and a first look at their bytes.

Nothing here parses: in a repository of many thousand files most are passed over by their
names, and of the rest nearly all by one search for the products' names.

A new format is an entry in `FORMATS` and a module with `find(hosts, world)`, which gets all
files of that format at once and yields a `Deployment` for each server, a `Problem` for each
file that it cannot read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from redislint.sources import kinds

if TYPE_CHECKING:
    from redislint.conf.document import Document
    from redislint.sources.iac.deployment import Deployment, Problem, World

Finder = Callable[["Sequence[Document]", "World"], "Iterator[Deployment | Problem]"]

_CLEAR = re.compile(
    rb"(?:redis|valkey)(?:-server|-sentinel|\.conf)"
    rb"|AWS::(?:ElastiCache|MemoryDB)::"
    rb"|\"?(?:aws_elasticache|aws_memorydb|google_redis|azurerm_redis)_\w+\"?"
    rb"|image[\"']?:[ \t]*[\"']?(?:[\w.:-]+/)*(?:redis|valkey)[\w-]*[:@\"'\s]"
)
_TEMPLATED = re.compile(rb"\{\{[-#]?[^}]*\}\}|\{%|<%")

_OURS = re.compile(rb"redis|valkey|keydb|elasticache|memory-?db|memorystore", re.IGNORECASE)
"""Without one of these words no file is about us."""


class Format(NamedTuple):
    """A host format: `names` matches the file names to look into, `marks` must all be
    found in the bytes. `finder` imports the module that reads it."""

    kind: str
    names: re.Pattern[str]
    marks: tuple[re.Pattern[bytes], ...]
    finder: Callable[[], Finder]


def _compose() -> Finder:
    from redislint.sources.iac.compose import find

    return find


def _helm() -> Finder:
    from redislint.sources.iac.helm import find

    return find


def _kubernetes() -> Finder:
    from redislint.sources.iac.kubernetes import find

    return find


def _dockerfile() -> Finder:
    from redislint.sources.iac.dockerfile import find

    return find


def _systemd() -> Finder:
    from redislint.sources.iac.systemd import find

    return find


def _sysctl() -> Finder:
    from redislint.sources.iac.sysctl import find

    return find


def _template() -> Finder:
    from redislint.sources.iac.template import find

    return find


def _terraform() -> Finder:
    from redislint.sources.iac.terraform import find

    return find


def _terraform_plan() -> Finder:
    from redislint.sources.iac.terraform_plan import find

    return find


def _cloudformation() -> Finder:
    from redislint.sources.iac.cloudformation import find

    return find


def _ansible() -> Finder:
    from redislint.sources.iac.ansible import find

    return find


_YAML = re.compile(r"\.ya?ml$|\.json$", re.IGNORECASE)
_FILLED_YAML = re.compile(
    r"\.ya?ml(?:\.(?:j2|jinja2?|erb|tpl|tmpl|gotmpl|template|envsubst))?$|\.json$", re.IGNORECASE
)
"""YAML files, also those that some tool fills in first."""

FORMATS: tuple[Format, ...] = (
    Format(
        kinds.TERRAFORM,
        re.compile(r"\.tf(?:\.json)?$"),
        (
            re.compile(
                rb"aws_elasticache_|aws_memorydb_|google_(?:redis|memorystore)_|azurerm_redis_"
                rb"|kubernetes_[a-z]|kubectl_manifest|helm_release|\bmodule\b"
            ),
        ),
        _terraform,
    ),
    Format(
        kinds.TERRAFORM_PLAN,
        re.compile(r"\.json$|\.tfstate$"),
        (
            re.compile(rb"\"terraform_version\"[ \t]*:"),
            re.compile(rb"aws_elasticache_|aws_memorydb_|google_redis_|azurerm_redis_"),
        ),
        _terraform_plan,
    ),
    Format(
        kinds.CLOUDFORMATION,
        re.compile(r"\.(?:ya?ml|json|template|cfn|cform)$", re.IGNORECASE),
        (
            re.compile(rb"\bResources[\"']?[ \t]*:"),
            re.compile(
                rb"AWS::(?:(?:ElastiCache|MemoryDB)::|CloudFormation::Stack|Serverless::Application)"
            ),
        ),
        _cloudformation,
    ),
    Format(
        kinds.KUBERNETES,
        _FILLED_YAML,
        (
            re.compile(rb"""^[ \t-]*["']?apiVersion["']?[ \t]*:""", re.MULTILINE),
            re.compile(rb"""^[ \t-]*["']?kind["']?[ \t]*:""", re.MULTILINE),
        ),
        _kubernetes,
    ),
    Format(
        kinds.KUBERNETES,
        re.compile(r"(?:^|[\\/])kustomization\.ya?ml$", re.IGNORECASE),
        (re.compile(rb"^configMapGenerator[ \t]*:", re.MULTILINE),),
        _kubernetes,
    ),
    Format(
        kinds.COMPOSE,
        _YAML,
        (
            re.compile(rb"""^["']?services["']?[ \t]*:""", re.MULTILINE),
            re.compile(rb"^[ \t]+[\"']?(?:image|build|command|extends)[\"']?[ \t]*:", re.MULTILINE),
        ),
        _compose,
    ),
    Format(
        kinds.DOCKERFILE,
        re.compile(r"^(?:.*[._-])?(?:docker|container)file(?:[._-].*)?$", re.IGNORECASE),
        (re.compile(rb"^[ \t]*FROM[ \t]+\S", re.MULTILINE | re.IGNORECASE),),
        _dockerfile,
    ),
    Format(
        kinds.SYSTEMD,
        re.compile(r"\.service(?:\.(?:j2|erb|epp|tpl|tmpl|in|template))?$", re.IGNORECASE),
        (
            re.compile(rb"^\[Service\]", re.MULTILINE),
            re.compile(rb"^ExecStart[ \t]*=", re.MULTILINE),
        ),
        _systemd,
    ),
    Format(
        kinds.SYSCTL,
        re.compile(
            r"(?:sysctl.*\.conf|(?:^|[/\\])(?:tuned\.conf|rc\.local))(?:\.(?:j2|erb|epp))?$",
            re.IGNORECASE,
        ),
        (
            re.compile(
                rb"^[ \t]*(?:(?:sysctl[ \t]+-\w+[ \t]+)?"
                rb"(?:vm[./]overcommit_memory|net[./]core[./]somaxconn)[ \t]*="
                rb"|transparent_hugepages[ \t]*=|echo\b.*/transparent_hugepage/enabled)",
                re.MULTILINE,
            ),
        ),
        _sysctl,
    ),
    Format(
        kinds.TEMPLATE,
        re.compile(
            r"\.(?:j2|jinja2?|erb|epp|tftpl|tpl|tmpl|gotmpl|ctmpl|template|envsubst|in)$", re.I
        ),
        (
            re.compile(
                rb"^[ \t]*(?:appendonly|maxmemory|save|port|bind|dir|requirepass|protected-mode"
                rb"|cluster-enabled|dbfilename|replicaof|slaveof|sentinel[ \t]+monitor)[ \t]",
                re.MULTILINE,
            ),
        ),
        _template,
    ),
    Format(
        kinds.ANSIBLE,
        # A values file of Helm has keys of any name: those are no variables.
        re.compile(r"(?:^|[\\/])(?!values[\w.-]*$)[^\\/]*\.ya?ml$", re.IGNORECASE),
        (
            re.compile(
                rb"""^[ \t-]*["']?(?:redis|valkey)_\w+["']?[ \t]*:"""
                rb"""|^[ \t-]*["']?(?:[\w.]+\.)?(?:lineinfile|blockinfile)["']?[ \t]*:"""
                rb"""|^[ \t-]*["']?community\.general\.redis["']?[ \t]*:"""
                rb"""|^[ \t]*dest[ \t]*:[^\n]*(?:redis|valkey|sentinel)[^\n]*\.conf""",
                re.MULTILINE,
            ),
        ),
        _ansible,
    ),
    Format(
        kinds.HELM,
        re.compile(r"\.ya?ml$", re.IGNORECASE),
        (
            re.compile(
                rb"^[ \t]*[\"']?(?:[\w.-]*(?:redis|valkey|keydb)[\w.-]*|commonConfiguration"
                rb"|extraFlags|disableCommands|configmap)[\"']?[ \t]*:",
                re.MULTILINE | re.IGNORECASE,
            ),
        ),
        _helm,
    ),
)
"""In the order in which they are tried: the first whose marks are all there has the file."""

_SELF_EVIDENT = re.compile(r"redis|valkey|sentinel", re.IGNORECASE)


def is_candidate(name: str) -> bool:
    """Whether a directory search looks into a file of this name."""
    return any(one.names.search(name) for one in FORMATS)


def speaks_for_itself(name: str) -> bool:
    """Whether the name alone says Redis or Valkey: such a file is never skipped silently."""
    return is_candidate(name) and _SELF_EVIDENT.search(os.path.basename(name)) is not None


def host_kind(name: str, data: bytes) -> str | None:
    """The kind of host file, None where it is none of ours."""
    if not is_candidate(name) or not (_SELF_EVIDENT.search(name) or _OURS.search(data)):
        return None
    for one in FORMATS:
        if one.names.search(name) and all(mark.search(data) for mark in one.marks):
            return one.kind
    return None


def is_clearly_ours(data: bytes) -> bool:
    """Whether a file that cannot be read is one that describes a server: it says so, and
    is no template of another tool's."""
    return _CLEAR.search(data) is not None and _TEMPLATED.search(data) is None


def finder(kind: str) -> Finder:
    """What reads the files of a kind. KeyError for one that is no host format."""
    return {one.kind: one.finder for one in FORMATS}[kind]()

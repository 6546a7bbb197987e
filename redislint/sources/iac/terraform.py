"""Terraform: managed caches in the resources and module calls of a folder.

resource "aws_elasticache_parameter_group" "cache" {
  family = "redis7"
  parameter {
    name  = "maxmemory-policy"
    value = "noeviction"
  }
}
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from redislint.conf.document import Document
from redislint.sources import kinds
from redislint.sources.iac import terraform_embedded as embedded
from redislint.sources.iac import terraform_kubernetes as kubernetes
from redislint.sources.iac import terraform_modules as modules
from redislint.sources.iac import terraform_releases as releases
from redislint.sources.iac import terraform_syntax as syntax
from redislint.sources.iac.deployment import Deployment, Problem, World
from redislint.sources.iac.managed import Resource, deployment, is_memcached
from redislint.sources.iac.terraform_files import Files
from redislint.sources.iac.terraform_groups import Groups
from redislint.sources.iac.terraform_instances import Instance, hide_secrets, instances
from redislint.sources.iac.terraform_json import read_json
from redislint.sources.iac.terraform_resources import resource
from redislint.sources.iac.terraform_scope import Module, Scope, module
from redislint.sources.iac.terraform_tables import RESOURCES
from redislint.sources.iac.terraform_values import Value

MOST_FILES = 400
"""Most files of one folder that are read beside those that were found."""

MOST_NESTING = 5
"""Deepest calls of local modules."""

MOST_CALLS = 300
"""Most calls of local modules in one run."""

_NAMES = (".tf", ".tf.json")
_GIVEN = (".auto.tfvars", ".auto.tfvars.json")
_ALWAYS = ("terraform.tfvars", "terraform.tfvars.json")


def find(hosts: Sequence[Document], world: World) -> Iterator[Deployment | Problem]:
    """The managed caches of some Terraform files."""
    reader = Reader(hosts, world)
    folders: dict[str, list[Document]] = {}
    for host in hosts:
        folders.setdefault(os.path.dirname(host.path or ""), []).append(host)
    found: list[Deployment] = []
    for folder in folders:
        for part in reader.modules(folder):
            found += reader.deployments(part, folder)
    yield from reader.problems()
    seen: set[tuple[str, str]] = set()
    for one in found:
        key = (one.host.path or "", one.name)
        inside = one.host.path in reader.paths
        if (
            inside
            and key not in seen
            and one.name not in reader.called.get(one.host.path or "", ())
        ):
            seen.add(key)
            yield one


class Reader:
    """The files of a run, read once, and the folders that they make."""

    def __init__(self, hosts: Sequence[Document], world: World) -> None:
        self._world = world
        self._hosts = {host.path or "": host for host in hosts}
        self._files: dict[str, syntax.SyntaxFile | None] = {}
        self._modules: dict[str, list[Module]] = {}
        self._calls = 0
        self.paths = frozenset(self._hosts)
        self.called: dict[str, set[str]] = {}

    def problems(self) -> Iterator[Problem]:
        """The files of the run that could not be read in whole."""
        for path, host in self._hosts.items():
            file = self._files.get(path)
            if file is not None and file.trouble is not None:
                span = host.span(file.trouble.offset, file.trouble.offset)
                where = f"line {span.line}, column {span.column}"
                yield Problem(path, f"{where}: {file.trouble.reason}; the rest was read")

    def modules(self, folder: str) -> list[Module]:
        """The module that a folder is. Where its files do not fit together (each is a
        configuration of its own), each of the run stands alone."""
        if folder not in self._modules:
            self._modules[folder] = list(self._read_folder(folder))
        return self._modules[folder]

    def _read_folder(self, folder: str) -> Iterator[Module]:
        names = self._names(folder)
        files = [self._file(folder, name) for name in names if name.endswith(_NAMES)]
        known = [file for file in files if file is not None]
        given = [self._file(folder, n) for n in names if n.endswith((*_GIVEN, *_ALWAYS))]
        values = [file for file in given if file is not None]
        chosen = [self._file(folder, name) for name in _var_files(folder)]
        others = [file for file in chosen if file is not None]
        whole = module(_overridden(known), values, others)
        if whole is not None:
            yield whole
            return
        for file in known:
            alone = module([file]) if file.host.path in self._hosts else None
            if alone is not None:
                yield alone

    def _names(self, folder: str) -> list[str]:
        """Files of a folder in the order in which Terraform reads them."""
        own = {os.path.basename(path) for path in self._hosts if os.path.dirname(path) == folder}
        loose = [
            name for name in _listed(folder) if name in _ALWAYS or name.endswith((*_NAMES, *_GIVEN))
        ]
        names = sorted({*own, *loose[:MOST_FILES]})
        return sorted(names, key=lambda name: (name.endswith(_GIVEN), name))

    def _file(self, folder: str, name: str) -> syntax.SyntaxFile | None:
        path = os.path.join(folder, name)
        if path not in self._files:
            host = self._hosts.get(path) or self._world.read(path)
            self._files[path] = None if host is None else _read(host)
        return self._files[path]

    def deployments(
        self,
        part: Module,
        folder: str,
        inputs: Mapping[str, Value] | None = None,
        prefix: str = "",
        depth: int = 0,
        root: str | None = None,
    ) -> list[Deployment]:
        """The caches of a module and of the local modules that it calls; `root`: the folder
        of the module that calls them all."""
        files = Files(folder if root is None else root, folder, self._world)
        scope = Scope(part, inputs, prefix, files=files)
        groups = Groups(scope)
        found: list[Deployment] = []
        later: list[Deployment] = []
        found += self._kubernetes(part, scope)
        for key, block in part.resources.items():
            if block.labels[0] == releases.TYPE:
                for one in instances(block, f"{prefix}{key}", scope):
                    found += releases.releases(one, self._world)
            type_ = RESOURCES.get(block.labels[0])
            if type_ is None:
                continue
            made = [resource(one, groups) for one in instances(block, f"{prefix}{key}", scope)]
            into = later if type_.resource == "parameter-group" else found
            into += _deployments(made, f"{prefix}{key}")
        found += [one for one in later if _plain_name(one.name, prefix) not in groups.used]
        for key, block in part.calls.items():
            found += self._call(block, key, folder, scope, depth)
        return found

    def _kubernetes(self, part: Module, scope: Scope) -> Iterator[Deployment]:
        """The servers of Kubernetes objects, and configurations in ConfigMaps of their own."""
        objects: list[Instance] = []
        maps: list[Instance] = []
        for key, block in part.resources.items():
            type_ = block.labels[0]
            if type_ in kubernetes.CONFIG_MAPS:
                maps += instances(block, f"{scope.prefix}{key}", scope)
            elif kubernetes.is_ours(type_):
                objects += instances(block, f"{scope.prefix}{key}", scope)
        found, used = kubernetes.servers(objects, maps, self._world) if objects else ([], ())
        yield from found
        for one in maps:
            if one.address not in used:
                yield from embedded.configurations(one, self._world)

    def _call(
        self, block: syntax.Block, key: str, folder: str, scope: Scope, depth: int
    ) -> list[Deployment]:
        address = f"{scope.prefix}module.{key}"
        source = modules.source_of(block)
        if modules.is_local(source) and depth < MOST_NESTING and self._calls < MOST_CALLS:
            self._calls += 1
            there = os.path.normpath(os.path.join(folder, source))
            parts = self.modules(there) if self._world.holds(there) else []
            if any(part.resources or part.calls for part in parts):
                return self._local(block, address, there, parts, scope, depth)
        type_ = modules.type_of(block)
        if type_ is None:
            return []
        made = [modules.resource(one, type_) for one in instances(block, address, scope)]
        return _deployments(made, address)

    def _local(
        self,
        block: syntax.Block,
        address: str,
        folder: str,
        parts: list[Module],
        scope: Scope,
        depth: int,
    ) -> list[Deployment]:
        found: list[Deployment] = []
        root = scope.files.root if scope.files is not None else folder
        for one in instances(block, address, scope):
            inputs = {n: a.expression.evaluate(one.scope) for n, a in block.attributes.items()}
            for part in parts:
                below = self.deployments(part, folder, inputs, f"{one.address}.", depth + 1, root)
                for each in below:
                    plain = each.name.removeprefix(f"{one.address}.")
                    self.called.setdefault(each.host.path or "", set()).add(plain)
                found += below
        return found


def _listed(folder: str) -> list[str]:
    """Names in a folder; none of one that is gone, or that standard input has not."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _var_files(folder: str) -> list[str]:
    """Files of variables that only an option (`-var-file`) makes count: beside the module,
    or in a folder below it."""
    found: list[str] = []
    names = _listed(folder)
    for name in names[:MOST_FILES]:
        path = os.path.join(folder, name)
        below = _listed(path) if "." not in name and os.path.isdir(path) else []
        found += [os.path.join(name, one) for one in below[:MOST_FILES] if _is_var_file(one)]
        found += [name] if _is_var_file(name) else []
    return found[:MOST_FILES]


def _is_var_file(name: str) -> bool:
    return (
        name.endswith((".tfvars", ".tfvars.json"))
        and not name.endswith(_GIVEN)
        and name not in _ALWAYS
    )


def _plain_name(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).partition("[")[0]


def _read(host: Document) -> syntax.SyntaxFile:
    file = read_json(host) if (host.path or "").endswith(".json") else syntax.read(host)
    host.foreign = True
    hide_secrets(host, file.blocks)
    return file


def _overridden(files: Sequence[syntax.SyntaxFile]) -> list[syntax.SyntaxFile]:
    """The files with what override files replace in them."""
    plain = [file for file in files if not _overrides(file)]
    blocks = {(b.type, b.labels): b for file in plain for b in file.blocks if b.labels}
    for file in filter(_overrides, files):
        for block in file.blocks:
            base = blocks.get((block.type, block.labels))
            if base is not None:
                base.attributes.update(block.attributes)
                replaced = {child.type for child in block.blocks}
                base.blocks[:] = [b for b in base.blocks if b.type not in replaced] + block.blocks
    return plain


def _overrides(file: syntax.SyntaxFile) -> bool:
    name = os.path.basename(file.host.path or "").partition(".")[0]
    return name == "override" or name.endswith("_override")


def _deployments(made: Sequence[Resource], address: str) -> list[Deployment]:
    """Targets of the instances of one block; one alone where they are all set alike."""
    found = [deployment(one, kinds.TERRAFORM, one.address) for one in made if not is_memcached(one)]
    shapes = {_shape(one) for one in found}
    if len(found) > 1 and len(shapes) == 1:
        return [found[0]._replace(name=address, why=f"{address}, {len(found)} instances")]
    return found


def _shape(one: Deployment) -> tuple[object, ...]:
    if one.managed is None:
        return ()
    settings = one.managed.found.target.settings
    return tuple((s.name, s.text, s.known, s.span) for s in settings)

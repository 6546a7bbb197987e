"""One Terraform module (a folder of files) and what its names stand for.

Variables by their value in `terraform.tfvars` and `*.auto.tfvars`, what a calling module
passes, else by their default; locals; resources of the same folder.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from redislint.conf.document import Document
from redislint.sources.iac.given import UNKNOWN
from redislint.sources.iac.terraform_files import Files
from redislint.sources.iac.terraform_syntax import Attribute, Block, SyntaxFile, text_of
from redislint.sources.iac.terraform_values import Value, either

MOST_STEPS = 200_000
"""Steps of evaluation in one module: what people write takes some thousand."""

MOST_DEPTH = 50
"""Deepest nesting of expressions, those behind names included."""

NAMING: Mapping[str, str] = MappingProxyType(
    {
        "aws_elasticache_replication_group": "replication_group_id",
        "aws_elasticache_cluster": "cluster_id",
        "aws_elasticache_user": "user_id",
        "aws_elasticache_user_group": "user_group_id",
        "aws_memorydb_user": "user_name",
    }
)
"""The attribute that names a resource, where it is not `name`; `id` is the same."""

_OWN = ("name", "id", "user_id", "user_group_id", "replication_group_id", "cluster_id")


class Module(NamedTuple):
    """The blocks of a folder by what they declare."""

    files: tuple[SyntaxFile, ...]
    variables: Mapping[str, Block]
    locals: Mapping[str, Attribute]
    resources: Mapping[str, Block]
    calls: Mapping[str, Block]
    given: Mapping[str, Attribute]
    perhaps: Mapping[str, tuple[Attribute, ...]] = MappingProxyType({})


def module(
    files: Sequence[SyntaxFile],
    given: Sequence[SyntaxFile] = (),
    perhaps: Sequence[SyntaxFile] = (),
) -> Module | None:
    """The module that some files make, `given` those with values of variables, `perhaps`
    those that count only where an option names them.

    None where two of them declare the same thing: they are no module of one another.
    """
    variables: dict[str, Block] = {}
    names: dict[str, Attribute] = {}
    resources: dict[str, Block] = {}
    calls: dict[str, Block] = {}
    for file in files:
        for block in file.blocks:
            if block.type == "locals":
                if names.keys() & block.attributes.keys():
                    return None
                names |= block.attributes
                continue
            holder = {
                ("variable", 1): variables,
                ("resource", 2): resources,
                ("module", 1): calls,
            }.get((block.type, len(block.labels)))
            if holder is None:
                continue
            key = ".".join(block.labels)
            if key in holder:
                return None
            holder[key] = block
    values = {name: one for file in given for name, one in file.attributes.items()}
    others: dict[str, tuple[Attribute, ...]] = {}
    for file in perhaps:
        for name, one in file.attributes.items():
            others[name] = (*others.get(name, ()), one)
    return Module(tuple(files), variables, names, resources, calls, values, others)


class Scope:
    """What names mean in one place: in a module, within a block with `each`, in a `for`."""

    def __init__(
        self,
        module: Module,
        inputs: Mapping[str, Value] | None = None,
        prefix: str = "",
        bound: Mapping[str, Value] = MappingProxyType({}),
        parent: Scope | None = None,
        doubt: str = "",
        files: Files | None = None,
    ) -> None:
        """`inputs`: what a calling module passes, None for a root. `prefix`: its address.
        `bound`: names of iterations. `doubt`: why what stands here may not be made at all,
        "" where that is certain. `files`: where it lies, None where that does not count."""
        self.module = module
        self.inputs = inputs
        self.prefix = prefix
        self._bound = bound
        self.doubt: str = doubt or (parent.doubt if parent else "")
        self.files: Files | None = files or (parent.files if parent else None)
        self._left: list[int] = parent._left if parent else [MOST_STEPS]
        self._depth: list[int] = parent._depth if parent else [0]
        self._open: set[str] = parent._open if parent else set()
        self._made: dict[str, Value] = parent._made if parent else {}

    def within(self, bound: Mapping[str, Value], doubt: str = "") -> Scope:
        """The same scope with more names, or in doubt."""
        more = {**self._bound, **bound}
        return Scope(self.module, self.inputs, self.prefix, more, self, doubt)

    def step(self, size: int = 1) -> bool:
        """Whether there is still work left; takes `size` of it."""
        self._left[0] -= size
        return self._left[0] > 0

    def enter(self) -> bool:
        """Whether an expression may be nested one level deeper; `leave` ends it."""
        if self._depth[0] >= MOST_DEPTH:
            return False
        self._depth[0] += 1
        return True

    def leave(self) -> None:
        """Back from `enter`."""
        self._depth[0] -= 1

    def keeps_place(self, root: str) -> bool:
        """Whether values of a name are shown where they stand, not where the name does."""
        return root in self._bound

    def lookup(self, path: tuple[str, ...], node: Any, host: Document) -> tuple[Value, int]:
        """The value that a dotted path begins with, and how many of its names that took."""
        root = path[0]
        place = Value(UNKNOWN, host, node.start_byte, node.end_byte)
        if root in self._bound:
            return self._bound[root], 1
        if root in ("each", "count", "self"):
            name = ".".join(path[:2])
            return place._replace(why=f"{name} is not known"), min(2, len(path))
        if len(path) < 2:
            return place._replace(why=f"{root} is not known"), 1
        name = path[1]
        if root == "var":
            return self._once(f"var.{name}", lambda: self._variable(name, place), place), 2
        if root == "local":
            return self._once(f"local.{name}", lambda: self._local(name, place), place), 2
        told = self.files.path(name) if root == "path" and self.files is not None else None
        if told is not None:
            return place._replace(data=told), 2
        if root in ("path", "terraform"):
            return place._replace(why=f"{root}.{name} is known to Terraform alone"), 2
        dotted = ".".join(path[:3] if root == "data" else path[:2])
        kind = dotted if root in ("module", "data") else f"{root}.{name}"
        return place._replace(
            why=f"{kind} is not known", reference=kind
        ), 3 if root == "data" else 2

    def attribute(self, found: Value, name: str, index: Sequence[Any], host: Document) -> Value:
        """An attribute of a resource: the name that the folder gives it, else a reference."""
        kind = found.reference
        block = self.module.resources.get(kind)
        shown = "".join(text_of(part, host) for part in index)
        reference = f"{kind}{shown}.{name}"
        made = found._replace(reference=reference, why=f"{reference} is known after it is made")
        if kind.startswith("module."):
            return made._replace(reference="", why=f"{reference} is not known")
        if block is None or name not in _OWN:
            return made
        attribute = block.attributes.get(NAMING.get(block.labels[0], "name"))
        if attribute is None:
            return made
        key = f"{kind}.{shown}"
        bound = {} if "each" not in self._bound else {"each": self._bound["each"]}
        inside = Scope(self.module, self.inputs, self.prefix, bound, self)
        own = self._once(key, lambda: attribute.expression.evaluate(inside), found, keep=not bound)
        return own._replace(reference=reference, why=own.why and made.why, basis=kind).at(found)

    def _once(self, key: str, make: Any, place: Value, *, keep: bool = True) -> Value:
        """A value that is made once; one that needs itself is unknown."""
        if keep and key in self._made:
            return self._made[key]
        if key in self._open:
            return place._replace(why=f"{key} needs itself")
        if not self.enter():
            return place._replace(why=f"{key} needs too many others")
        self._open.add(key)
        try:
            value: Value = make()
        finally:
            self._open.discard(key)
            self.leave()
        if keep:
            self._made[key] = value
        return value

    def _variable(self, name: str, place: Value) -> Value:
        block = self.module.variables.get(name)
        sensitive = block.attributes.get("sensitive") if block else None
        if self.inputs is not None and name in self.inputs:
            return self.inputs[name]._replace(basis=f"input {name} of the module")
        outside = Scope(self.module, self.inputs, self.prefix, {}, self)
        if sensitive is not None and sensitive.expression.evaluate(outside).data is True:
            return place._replace(why=f"variable {name} is sensitive")
        if self.inputs is None and name in self.module.given:
            value = self.module.given[name].expression.evaluate(outside)
            path = (value.host.path or "").rpartition("/")[2]
            return value._replace(basis=f"variable {name} in {path}")
        if block is None:
            return place._replace(why=f"variable {name} is not declared in these files")
        default = block.attributes.get("default")
        value = place._replace(why=f"variable {name} has no default")
        if default is not None:
            value = default.expression.evaluate(outside)
            value = value._replace(basis=f"default of variable {name}")
        others = self.module.perhaps.get(name, ()) if self.inputs is None else ()
        if not others:
            return value
        several = [one.expression.evaluate(outside) for one in others]
        if default is not None:
            several.insert(0, value)
        names = sorted({os.path.basename(one.expression.host.path or "") for one in others})
        why = f"variable {name}: -var-file may name {', '.join(names[:3])}"
        return either(several, place, why)._replace(basis=f"variable {name}")

    def _local(self, name: str, place: Value) -> Value:
        attribute = self.module.locals.get(name)
        if attribute is None:
            return place._replace(why=f"local {name} is not declared in these files")
        outside = Scope(self.module, self.inputs, self.prefix, {}, self)
        value = attribute.expression.evaluate(outside)
        return value._replace(basis=value.basis or f"local {name}")

"""Values of CloudFormation templates: intrinsic functions, in their long and short forms.

What stands in the template itself is resolved (a parameter's default, a mapping under
literal keys); account, region, other stacks and dynamic references are not. Of `Fn::If` all
branches are looked at, whatever its condition: which one holds is decided by who deploys.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from redislint.conf.document import Document
from redislint.sources.iac.branches import either
from redislint.sources.iac.cloudformation_syntax import Call, call_of, extent, is_absent
from redislint.sources.iac.given import UNKNOWN, Given, shown
from redislint.sources.iac.nodes import MAPPING, SCALAR, SEQUENCE, Node

MOST_STEPS = 20_000
"""Most nodes that are evaluated in one template: aliases can be nested without end."""

MOST_BRANCHES = 100
"""Most branches of one value, of more the last."""

MOST_DEPTH = 30
"""Deepest nesting of functions."""

_VARIABLE = re.compile(r"\$\{([^}$]*)\}")
_DYNAMIC = re.compile(r"\{\{\s*resolve:")
_LISTS = ("CommaDelimitedList", "List<")


class Template:
    """What values of one template can refer to. `foreign`: another tool fills in `${...}`
    before CloudFormation sees it."""

    def __init__(self, host: Document, root: Node, *, foreign: bool = False) -> None:
        self.host = host
        self.inputs: Mapping[str, Given] = {}
        self.foreign = foreign
        self.resources: dict[str, Node] = {}
        self._parameters = _entries(root.get("Parameters"))
        self._mappings = root.get("Mappings")
        self._left = MOST_STEPS
        self._looped: frozenset[str] = frozenset()

    def looping(self, names: frozenset[str]) -> None:
        """From here on these names are the variables of a `Fn::ForEach`."""
        self._looped = names

    def secrets(self) -> Iterator[tuple[int, int]]:
        """The defaults of parameters that are not to be shown."""
        for parameter in self._parameters.values():
            default = parameter.get("Default")
            if default is not None and parameter.string("NoEcho").lower() == "true":
                yield extent(default)

    def step(self) -> bool:
        """Whether there is still room to evaluate one node more."""
        self._left -= 1
        return self._left > 0

    def alternatives(self, node: Node, depth: int = 0) -> list[Node | None]:
        """All that a node can be: itself, or the branches of its conditions; None for one
        that stands for nothing."""
        if not self.step() or depth > MOST_DEPTH:
            return [node]
        call = call_of(node)
        if call is not None and call.name == "Fn::If" and len(call.node.items) == 3:
            _, yes, no = call.node.items
            both = [*self.alternatives(yes, depth + 1), *self.alternatives(no, depth + 1)]
            return both[-MOST_BRANCHES:]
        return [None] if is_absent(node) else [node]

    def branches(self, node: Node) -> list[Node]:
        """All that a node can be, without what stands for nothing."""
        return [one for one in self.alternatives(node) if one is not None]

    def given(self, name: str, node: Node, depth: int = 0) -> Given:
        """What a node comes to, in all its branches."""
        several = self.alternatives(node, depth)
        if len(several) == 1 and several[0] is node:
            return self._one(name, node, depth)
        return self.either(name, several, node, depth + 1)

    def either(
        self, name: str, several: Sequence[Node | None], place: Node, depth: int = 0
    ) -> Given:
        """What some branches come to, in the place of the last that gives anything."""
        last = next((one for one in reversed(several) if one is not None), None)
        whole = Given(name, None, self.host, *extent(last or place))
        if last is None:
            return whole
        found = [self._one(name, one, depth) if one is not None else whole for one in several]
        return found[0] if len(found) == 1 else either(found, whole)

    def _one(self, name: str, node: Node, depth: int) -> Given:
        start, end = extent(node)
        place = Given(name, UNKNOWN, self.host, start, end)
        if not self.step() or depth > MOST_DEPTH:
            return place._replace(why="the value is nested too deeply")
        call = call_of(node)
        if call is not None:
            return self._call(call, place, depth)
        if node.kind == SEQUENCE:
            return self._several(node.items, place, depth)
        if node.kind == MAPPING:
            return place._replace(why="it is an object")
        return self._literal(node.text, place)

    def _literal(self, text: str, place: Given) -> Given:
        if _DYNAMIC.search(text):
            return place._replace(why="a dynamic reference is resolved by AWS", reference=text)
        looped = {match[1] for match in _VARIABLE.finditer(text)} & self._looped
        if looped or (self.foreign and "${" in text):
            return place._replace(why="a variable is filled in before it is deployed")
        return place._replace(value=text)

    def _several(self, items: list[Node], place: Given, depth: int) -> Given:
        """A list: what its items come to; from the first of them to the last."""
        found = [self.given(place.name, item, depth + 1) for item in items]
        found = [one for one in found if one.value is not None]
        inside = [one for one in found if place.start <= one.start < place.end]
        if inside:
            place = place._replace(start=inside[0].start, end=max(one.end for one in inside))
        value: list[Any] = []
        for one in found:
            value += one.value if isinstance(one.value, list) else [one.value]
        return place._replace(
            value=value,
            why=next((one.why for one in found if one.why), ""),
            reference=found[0].reference if len(found) == 1 else "",
            basis=next((one.basis for one in found if one.basis), ""),
        )

    # -- functions -----------------------------------------------------------------------

    def _call(self, call: Call, place: Given, depth: int) -> Given:
        reader = _FUNCTIONS.get(call.name)
        if reader is None:
            return place._replace(why=f"{call.name} is not evaluated")
        return reader(self, call.node, place, depth)

    def ref(self, node: Node, place: Given, depth: int) -> Given:
        """The default of a parameter, or a resource."""
        return self.named(node.text, place)

    def named(self, name: str, place: Given) -> Given:
        """What `Ref` of a name comes to."""
        parameter = self._parameters.get(name)
        if parameter is None:
            if name in self.resources:
                return place._replace(why=f"AWS names {name}", reference=name)
            why = f"{name} is known when it is deployed"
            return place._replace(why=why if name.startswith("AWS::") else f"there is no {name}")
        default = parameter.get("Default")
        kind = parameter.string("Type")
        told = self.inputs.get(name)
        if told is not None:
            return self._passed(name, told, place, kind)
        if default is None:
            return place._replace(why=f"parameter {name} has no default", reference=name)
        if kind.startswith("AWS::SSM::Parameter::Value"):
            why = f"parameter {name} is kept by Systems Manager"
            return place._replace(why=why, reference=name)
        found = self._literal(default.text, place)
        if not found.known:
            return found
        value: Any = default.text
        if kind.startswith(_LISTS):
            value = [part.strip() for part in default.text.split(",")]
        return found._replace(value=value, basis=f"default of parameter {name}")

    def _passed(self, name: str, told: Given, place: Given, kind: str) -> Given:
        """A parameter that another template passes; `kind` is its type."""
        where = (told.host.path or "").rpartition("/")[2]
        if not told.known:
            return place._replace(why=told.why, reference=told.reference or name)
        value: Any = told.value
        if kind.startswith(_LISTS) and isinstance(value, str):
            value = [part.strip() for part in value.split(",")]
        return place._replace(value=value, basis=f"parameter {name}, passed by {where}")

    def attribute(self, node: Node, place: Given, depth: int) -> Given:
        """An attribute of a resource, which AWS gives."""
        text = node.text if node.kind == SCALAR else ".".join(item.text for item in node.items)
        return place._replace(why=f"AWS gives {text}", reference=text)

    def substituted(self, node: Node, place: Given, depth: int) -> Given:
        """A text with its `${...}` filled in."""
        text, own = node.text, {}
        if node.kind == SEQUENCE and len(node.items) == 2:
            text, own = node.items[0].text, _entries(node.items[1])
        first: Given | None = None

        def fill(match: re.Match[str]) -> str:
            nonlocal first
            name = match[1].strip()
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in own:
                found = self.given(place.name, own[name], depth + 1)
            elif "." in name:
                found = place._replace(why=f"AWS gives {name}")
            else:
                found = self.named(name, place)
            if not found.known and first is None:
                first = found
            return shown(found.value) if found.known else match[0]

        filled = _VARIABLE.sub(fill, text)
        if first is not None:
            return place._replace(why=first.why, reference=text)
        found = self._literal(filled, place)
        return found._replace(basis="filled in with defaults" if filled != text else "")

    def joined(self, node: Node, place: Given, depth: int) -> Given:
        """The items of a list with a text between them."""
        if len(node.items) != 2:
            return place._replace(why="Fn::Join takes a delimiter and a list")
        found = self.given(place.name, node.items[1], depth + 1)
        if not found.known:
            return place._replace(why=found.why or "a part is not known", reference="Fn::Join")
        parts = found.value if isinstance(found.value, list) else [found.value]
        text = node.items[0].text.join(map(shown, parts))
        return self._literal(text, place)._replace(basis="joined")

    def mapped(self, node: Node, place: Given, depth: int) -> Given:
        """A value of `Mappings`, where all its keys are known."""
        keys = [self.given(place.name, item, depth + 1) for item in node.items[:3]]
        unknown = next((key for key in keys if not isinstance(key.value, str)), None)
        if unknown is not None or len(keys) != 3 or self._mappings is None:
            why = unknown.why if unknown is not None else ""
            return place._replace(why=why or "the mapping is not known", reference="")
        path = [key.value for key in keys]
        found = self._mappings.get(*path)
        if found is None:
            return place._replace(why=f"there is no mapping {' '.join(path)}")
        basis = f"mapping {' '.join(path)}"
        if found.kind == SEQUENCE:
            return place._replace(value=[item.text for item in found.items], basis=basis)
        return self._literal(found.text, place)._replace(basis=basis)

    def selected(self, node: Node, place: Given, depth: int) -> Given:
        """One item of a list."""
        if len(node.items) != 2:
            return place._replace(why="Fn::Select takes an index and a list")
        index, several = (self.given(place.name, item, depth + 1) for item in node.items)
        found = several.value
        if isinstance(found, list) and index.known and str(index.value).isdecimal():
            at = int(index.value)
            if at < len(found) and found[at] is not UNKNOWN:
                return place._replace(value=found[at], basis=several.basis or "selected")
        return place._replace(why=several.why or index.why or "there is no such item")

    def split(self, node: Node, place: Given, depth: int) -> Given:
        """A text taken apart."""
        if len(node.items) != 2:
            return place._replace(why="Fn::Split takes a delimiter and a text")
        found = self.given(place.name, node.items[1], depth + 1)
        delimiter = node.items[0].text
        if not found.known or not delimiter:
            return place._replace(why=found.why or "there is no delimiter")
        return place._replace(value=shown(found.value).split(delimiter), basis="split")

    def imported(self, node: Node, place: Given, depth: int) -> Given:
        """A value of another stack."""
        return place._replace(why="another stack exports it", reference=node.text or "import")


def _entries(node: Node | None) -> dict[str, Node]:
    return dict(node.entries()) if node is not None else {}


_FUNCTIONS = {
    "Ref": Template.ref,
    "Fn::GetAtt": Template.attribute,
    "Fn::Sub": Template.substituted,
    "Fn::Join": Template.joined,
    "Fn::FindInMap": Template.mapped,
    "Fn::Select": Template.selected,
    "Fn::Split": Template.split,
    "Fn::ImportValue": Template.imported,
}

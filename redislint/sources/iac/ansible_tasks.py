"""Tasks of Ansible that write a configuration: whole texts, lines, and CONFIG SET.

- ansible.builtin.lineinfile:
    path: /etc/redis/redis.conf
    regexp: ^maxmemory
    line: maxmemory 2gb

What tasks of one file write into one file is one server; they are read in their order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from redislint.conf.document import Document, embed
from redislint.conf.launch import Launch
from redislint.sources import kinds
from redislint.sources.iac.ansible_places import places
from redislint.sources.iac.ansible_values import block, filled
from redislint.sources.iac.deployment import Deployment, World
from redislint.sources.iac.images import read_image
from redislint.sources.iac.nodes import MAPPING, SCALAR, SEQUENCE, Node
from redislint.sources.iac.values import parameter, span_of

ORIGIN = "task"
"""The origin of settings from tasks."""

_FILE = re.compile(r"(?:^|/)[\w.{} -]*(redis|valkey|sentinel)[\w.{} /-]*\.conf$", re.IGNORECASE)
_ITEM = re.compile(r"\{\{\s*item(?:\.(\w+)|\[['\"](\w+)['\"]\])?\s*\}\}")
_PREFIXES = ("", "ansible.builtin.", "ansible.legacy.")
_LOOPS = ("loop", "with_items", "with_list")
_EDITED = "the tasks edit a file that holds more"
_MODULES = ("community.general.redis", "redis")


def configurations(root: Node, world: World) -> Iterator[Deployment]:
    """The servers whose configuration the tasks of a file write."""
    files: dict[str, list[tuple[Node, Sequence[Document], bool]]] = {}
    for name, task in places(root):
        for path, texts, whole in _written(task):
            files.setdefault(path, []).append((task, texts, whole))
        runtime = _runtime(task, world)
        if runtime:
            launch = Launch(tuple(runtime), unseen="the server has a configuration of its own")
            yield _server(name, task, launch, "CONFIG SET of a task", "redis")
    for path, found in files.items():
        texts = tuple(text for _, several, _ in found for text in several)
        if not texts or not any(_has_directive(text, world) for text in texts):
            continue
        first = found[0][0]
        unseen = "" if found[0][2] else _EDITED
        sentinel = "sentinel" in path.rpartition("/")[2].lower()
        launch = Launch(texts, sentinel=sentinel, unseen=unseen)
        engine = "valkey" if "valkey" in path.lower() else "redis"
        yield _server(path, first, launch, f"tasks that write {path}", engine)


def _server(name: str, task: Node, launch: Launch, why: str, engine: str) -> Deployment:
    image = read_image(engine)
    return Deployment(
        name, kinds.ANSIBLE, task.host, span_of(task), launch, why, image.servers, image.engine
    )


def _has_directive(text: Document, world: World) -> bool:
    return any(world.knows(line.name) for line in text.directives)


def _module(task: Node, name: str) -> Node | None:
    """The arguments of a module that a task calls."""
    for prefix in _PREFIXES:
        found = task.get(prefix + name)
        if found is not None and found.kind == MAPPING:
            return found
    return None


def _written(task: Node) -> Iterator[tuple[str, Sequence[Document], bool]]:
    """The files that a task writes: path, texts, and whether they are all of the file."""
    copy = _module(task, "copy")
    if copy is not None:
        content = copy.get("content")
        path = _path(copy, ("dest",))
        if path and content is not None and content.kind == SCALAR:
            yield path, [_text(content)], True
    lines = _module(task, "lineinfile")
    if lines is not None and lines.string("state") != "absent":
        path = _path(lines, ("path", "dest", "destfile", "name"))
        if path:
            several = [embed(filled(one), origin=ORIGIN) for one in _lines(task, lines)]
            yield path, several, False
    inserted = _module(task, "blockinfile")
    if inserted is not None and inserted.string("state") != "absent":
        path = _path(inserted, ("path", "dest", "destfile", "name"))
        given = inserted.get("block") or inserted.get("content")
        if path and given is not None and given.kind == SCALAR:
            yield path, [_text(given)], False


def _text(node: Node) -> Document:
    text, branching = block(node)
    return embed(text, origin=ORIGIN, branching=branching)


def _path(arguments: Node, names: Sequence[str]) -> str:
    """The file that a task writes, "" for one that is no configuration of ours."""
    found = next((text for name in names if (text := arguments.string(name))), "")
    return found if _FILE.search(found) else ""


def _lines(task: Node, arguments: Node) -> Iterator[Node]:
    """The lines that a task writes, those of a literal loop one by one."""
    line = arguments.get("line") or arguments.get("value")
    if line is None or line.kind != SCALAR:
        return
    match = _ITEM.fullmatch(line.text.strip())
    loop = next((one for name in _LOOPS if (one := task.get(name)) is not None), None)
    if match is None or loop is None or loop.kind != SEQUENCE:
        yield line
        return
    key = match[1] or match[2]
    for item in loop.items:
        found = item.get(key) if key else item
        if found is not None and found.kind == SCALAR:
            yield found


def _runtime(task: Node, world: World) -> list[Document]:
    """What a task sets with CONFIG SET."""
    for name in _MODULES:
        arguments = task.get(name)
        if arguments is None or arguments.string("command") != "config":
            continue
        value = arguments.get("value")
        directive = arguments.string("name")
        if value is not None and value.kind == SCALAR and world.knows(directive):
            return [parameter(directive, filled(value), origin=ORIGIN)]
    return []

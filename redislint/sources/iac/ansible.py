"""Ansible: variables that the common roles write into a server's configuration.

redis_maxmemory: 2gb
redis_save: ["900 1", "300 10"]
redis_extra_config: |
  latency-monitor-threshold 100

They stand in defaults, vars, group_vars, host_vars, plays and the roles' own `vars`. What the
role adds, and which of several files wins, is not known from one of them: what it does not
set is unknown, not the server's default.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from redislint.conf.document import Document, embed
from redislint.conf.launch import Launch
from redislint.conf.passage import Passage
from redislint.sources import kinds
from redislint.sources.iac.ansible_values import block, rendered
from redislint.sources.iac.deployment import Deployment, Problem, World
from redislint.sources.iac.images import read_image
from redislint.sources.iac.nodes import MAPPING, SCALAR, SEQUENCE, Node, NodeError, documents
from redislint.sources.iac.values import parameter, span_of

ORIGIN = "variable"
"""The origin of settings from variables."""

MOST_PLACES = 2000
"""Most plays, roles and tasks of one file that are looked into."""

_VARIABLE = re.compile(r"(redis|valkey)_(\w+)")
_FOLDERS = frozenset({"defaults", "vars", "group_vars", "host_vars"})
_PRODUCT = re.compile(r"redis|valkey", re.IGNORECASE)
_UNSEEN = "the role's templates and other variables may set more"

_OTHERWISE = {
    "bind_interface": "bind",
    "db_dir": "dir",
    "db_filename": "dbfilename",
    "dbdir": "dir",
    "password": "requirepass",
    "client_output_buffer_limit_normal": "client-output-buffer-limit normal",
    "client_output_buffer_limit_pubsub": "client-output-buffer-limit pubsub",
    "client_output_buffer_limit_replica": "client-output-buffer-limit replica",
    "client_output_buffer_limit_slave": "client-output-buffer-limit slave",
    "rename_commands": "rename-command",
}
"""Variables of geerlingguy.redis and DavidWittman.redis that are not called as the directive."""

_TEXTS = re.compile(r"(?:\w+_)?(?:extra_config|config_additional|extra_conf|additional_config)")
_CLIENT = frozenset({"port", "password", "timeout", "bind", "databases", "user", "dir", "logfile"})
"""What applications call their own settings as well: not enough to tell a server by."""


def find(hosts: Sequence[Document], world: World) -> Iterator[Deployment | Problem]:
    """The servers that the variables in some files describe, one for each place of them."""
    for host in hosts:
        try:
            roots = documents(host)
        except NodeError as error:
            yield Problem.at(host, error)
            continue
        for root in roots:
            for name, node in _places(host, root):
                found = _deployment(name, node, host, world)
                if found is not None:
                    yield found


def _places(host: Document, root: Node) -> Iterator[tuple[str, Node]]:
    """The mappings of a file that hold variables, by their address in it."""
    if root.kind == MAPPING:
        folders = (host.path or "").split("/")[:-1]
        if _FOLDERS.intersection(folders) or _PRODUCT.search((host.path or "").rsplit("/", 1)[-1]):
            yield "vars", root
        pending = [(f"dependencies[{n}]", one) for n, one in enumerate(root.list("dependencies"))]
    else:
        pending = [(f"[{number}]", one) for number, one in enumerate(root.items)]
    left = MOST_PLACES
    while pending and left:
        left -= 1
        name, node = pending.pop(0)
        if node.kind != MAPPING:
            continue
        if node.get("role") is not None:
            yield name, node
        own = node.get("vars")
        if own is not None and own.kind == MAPPING:
            yield f"{name}.vars", own
        for key in ("roles", "pre_tasks", "tasks", "post_tasks", "block", "rescue", "always"):
            below = node.list(key)
            pending += [(f"{name}.{key}[{n}]", one) for n, one in enumerate(below)]


def _deployment(name: str, node: Node, host: Document, world: World) -> Deployment | None:
    texts: list[Document] = []
    first: Node | None = None
    engine = version = ""
    certain = _PRODUCT.search(host.path or "") is not None
    for key, value in node.entries():
        match = _VARIABLE.fullmatch(key)
        if match is None:
            continue
        if "pass" in key and value.kind == SCALAR:
            host.secrets.add((value.start, value.end))
        if match[2] == "version" and value.kind == SCALAR:
            version = value.text
        found = list(_settings(match[2], value, world))
        if found:
            texts += found
            first = first or value
            engine = match[1]
            certain = certain or match[2] not in _CLIENT
    if first is None or not certain:
        return None
    image = read_image(f"{engine}:{version}" if version else engine)
    return Deployment(
        name,
        kinds.ANSIBLE,
        host,
        span_of(first),
        Launch(tuple(texts), unseen=_UNSEEN),
        f"variables {engine}_*",
        image.servers,
        image.engine,
    )


def _settings(name: str, value: Node, world: World) -> Iterator[Document]:
    """The directives that a variable comes to; nothing for one that is none of a server's."""
    if _TEXTS.fullmatch(name):
        if value.kind == SCALAR and value.text.strip():
            text, branching = block(value)
            yield embed(text, origin=ORIGIN, branching=branching)
        return
    if name == "disabled_commands":
        for item in value.items:
            command = rendered(item, "rename-command")
            if command is not None:
                place = command.place(len(command))
                none = Passage.instead(b' ""', place[0], place[1], place[1])
                both = Passage.join((command, none))
                yield parameter("rename-command", both, origin=ORIGIN)
        return
    directive = _OTHERWISE.get(name, name.replace("_", "-"))
    if not world.knows(directive.partition(" ")[0]):
        return
    for item in value.items if value.kind == SEQUENCE else [value]:
        given = rendered(item, directive)
        if given is not None:
            yield parameter(directive, given, origin=ORIGIN)

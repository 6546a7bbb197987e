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
from typing import NamedTuple

from redislint.conf.document import Document, embed
from redislint.conf.launch import Launch
from redislint.conf.passage import Passage
from redislint.sources import kinds
from redislint.sources.iac import ansible_sentinel
from redislint.sources.iac.ansible_places import places
from redislint.sources.iac.ansible_tasks import configurations
from redislint.sources.iac.ansible_values import block, rendered
from redislint.sources.iac.deployment import Deployment, Problem, World
from redislint.sources.iac.images import read_image
from redislint.sources.iac.nodes import MAPPING, SCALAR, SEQUENCE, Node, NodeError, documents
from redislint.sources.iac.values import parameter, span_of

ORIGIN = "variable"
"""The origin of settings from variables."""

_NAMED = re.compile(r"(redis|valkey)_(\w+)")
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
_NONE: frozenset[str] = frozenset()
_EMPTIED = frozenset({"save"})
"""What an empty `redis_save` leaves to the server: the roles write no `save` line then, and
from Redis 6.2 on the built-in save points hold in spite of a configuration file."""

_CLIENT = frozenset({"port", "password", "timeout", "bind", "databases", "user", "dir", "logfile"})
"""What applications call their own settings as well: not enough to tell a server by."""


class _Variable(NamedTuple):
    """A variable: `name` behind the product's, and the directives that it comes to."""

    engine: str
    name: str
    value: Node
    texts: tuple[Document, ...]

    @property
    def is_emptied(self) -> bool:
        """Whether it takes away the save points that a role would write."""
        return self.name == "save" and _is_empty(self.value)


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
                yield from _deployments(name, node, host, world)
            yield from configurations(root, world)


def _places(host: Document, root: Node) -> Iterator[tuple[str, Node]]:
    """The mappings of a file that hold variables, by their address in it."""
    if root.kind == MAPPING:
        folders = (host.path or "").split("/")[:-1]
        if _FOLDERS.intersection(folders) or _PRODUCT.search((host.path or "").rsplit("/", 1)[-1]):
            yield "vars", root
    for name, node in places(root):
        if node.get("role") is not None:
            yield name, node
        own = node.get("vars")
        if own is not None and own.kind == MAPPING:
            yield f"{name}.vars", own


def _deployments(name: str, node: Node, host: Document, world: World) -> Iterator[Deployment]:
    """The server that some variables describe, and the Sentinel."""
    server: list[_Variable] = []
    sentinel: list[_Variable] = []
    version = ""
    for key, value in node.entries():
        match = _NAMED.fullmatch(key)
        if match is None:
            continue
        if "pass" in key and value.kind == SCALAR:
            host.secrets.add((value.start, value.end))
        engine, directive = match[1], match[2]
        if directive == "version" and value.kind == SCALAR:
            version = value.text
        elif directive.startswith(ansible_sentinel.PREFIX):
            short = directive.removeprefix(ansible_sentinel.PREFIX)
            texts = ansible_sentinel.settings(short, value, world, ORIGIN)
            sentinel.append(_Variable(engine, directive, value, tuple(texts)))
        else:
            texts = _settings(directive, value, world)
            server.append(_Variable(engine, directive, value, tuple(texts)))
    certain = _PRODUCT.search(host.path or "") is not None
    for one, several in ((name, server), (f"{name}.sentinel", sentinel)):
        given = [v for v in several if v.texts or v.is_emptied]
        if given and (certain or any(v.name not in _CLIENT or v.is_emptied for v in given)):
            yield _deployment(one, given, version, host, sentinel=several is sentinel)


def _deployment(
    name: str, given: Sequence[_Variable], version: str, host: Document, *, sentinel: bool
) -> Deployment:
    engine = given[0].engine
    image = read_image(f"{engine}:{version}" if version else engine)
    emptied = next((v.value for v in given if v.is_emptied), None)
    texts = tuple(text for variable in given for text in variable.texts)
    unset = _EMPTIED if emptied is not None else _NONE
    return Deployment(
        name,
        kinds.ANSIBLE,
        host,
        span_of(given[0].value),
        Launch(texts, sentinel=sentinel, unseen=_UNSEEN, unset=unset),
        f"variables {engine}_{ansible_sentinel.PREFIX if sentinel else ''}*",
        image.servers,
        image.engine,
        places={"save": span_of(emptied)} if emptied is not None else {},
    )


def _is_empty(value: Node) -> bool:
    """Whether a role's template, which writes a line for each item, writes none at all."""
    if value.kind == SEQUENCE:
        return not value.items
    return value.kind == SCALAR and value.style in ("'", '"') and not value.text


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

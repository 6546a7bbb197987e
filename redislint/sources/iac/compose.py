"""Compose files: services that run a server, with what they mount, publish and limit.

services:
  cache:
    image: redis:7.2-alpine
    command: redis-server /usr/local/etc/redis/redis.conf --appendonly yes
    volumes: ["./redis.conf:/usr/local/etc/redis/redis.conf"]
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from redislint.conf.document import Document, embed
from redislint.conf.launch import Launch
from redislint.conf.passage import Passage
from redislint.model import Fact
from redislint.sources import kinds
from redislint.sources.iac import environment, shell
from redislint.sources.iac.command import Start, start_of
from redislint.sources.iac.deployment import Deployment, Problem, World, fact
from redislint.sources.iac.images import Image, read_image
from redislint.sources.iac.nodes import MAPPING, SCALAR, Node, NodeError, documents
from redislint.sources.iac.scalars import passage
from redislint.sources.iac.values import docker_size, span_of

DATA = "/data"
"""Working directory of the official images, and so the place of their files."""

MOST_EXTENDED = 8
"""Services that one may take over from another, which takes over from a third, and so on."""

_VARIABLE = re.compile(
    rb"\$\$|\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-?+])((?:[^{}]|\{[^{}]*\})*))?\})"
)


class Mount(NamedTuple):
    """What a service sees at `target`: `kind` is bind, volume, tmpfs or config; `source` a
    path or a name; `text` the content that the compose file itself gives."""

    target: str
    kind: str
    source: str = ""
    text: Document | None = None


def find(hosts: Sequence[Document], world: World) -> Iterator[Deployment | Problem]:
    """The servers of some compose files."""
    for host in hosts:
        try:
            roots = documents(host)
        except NodeError as error:
            yield Problem.at(host, error)
            continue
        for root in roots:
            services = root.get("services")
            if services is None:
                continue
            for name, service in services.entries():
                if service.kind == MAPPING:
                    whole = _extended(service, root, world)
                    found = _service(name, whole, root, world)
                    if found is not None:
                        yield found


def _extended(service: Node, root: Node, world: World, depth: int = 0) -> Node:
    """A service with what it takes over from another one, in this file or in a file beside it
    (`extends`). What cannot be seen stays open: its key `extends` is still there then."""
    link = service.get("extends")
    if link is None or depth >= MOST_EXTENDED:
        return service
    name = _text(link) if link.kind == SCALAR else _text(link.get("service"))
    file = _text(link.get("file")) if link.kind == MAPPING else ""
    if file:
        folder = os.path.dirname(service.host.path or "")
        document = world.read(os.path.normpath(os.path.join(folder, file)))
        try:
            roots = documents(document) if document is not None else []
        except NodeError:
            return service  # the file itself is reported where it is looked at
        root = roots[0] if roots else root
        if not roots:
            return service
    base = root.get("services", name)
    if base is None or base.kind != MAPPING or base is service:
        return service
    return _merged(service, _extended(base, root, world, depth + 1))


def _merged(own: Node, base: Node) -> Node:
    """A mapping over another one, as compose puts services together: mappings key by key, lists
    one after the other, but for what the container runs, which is replaced."""
    made = Node(MAPPING, own.host, own.start, own.tag)
    made.end = own.end
    below = {key.text: (key, value) for key, value in base.pairs}
    for word, value in own.pairs:
        if word.text == "extends":
            continue
        under = below.pop(word.text, None)
        if under is not None and word.text not in ("command", "entrypoint"):
            made.pairs.append((word, _together(value, under[1])))
        else:
            made.pairs.append((word, value))
    made.pairs += below.values()
    return made


def _together(own: Node, base: Node) -> Node:
    if own.kind == base.kind == MAPPING:
        return _merged(own, base)
    if own.kind == SCALAR or own.kind != base.kind:
        return own
    made = Node(own.kind, own.host, own.start, own.tag)
    made.end = own.end
    made.items = [*base.items, *own.items]
    return made


def _service(name: str, service: Node, root: Node, world: World) -> Deployment | None:
    node = service.get("image")
    image = read_image(_text(node)) if node is not None else Image("", "")
    start = start_of(_words(service), bare=bool(image.engine))
    if start is None:
        if not image.engine or service.get("command") or service.get("entrypoint"):
            return None
        start = Start(None, ())
    mounts = _mounts(service, root)
    texts, unseen = _configuration(start, mounts, service.host, world)
    given = environment.settings(image, _environment(service))
    launch = Launch(
        (*given.before, *texts, *given.after),
        (*start.words, *given.words),
        start.sentinel,
        unseen or given.unseen,
    )
    why = "command" if start.program is not None or start.words else "image"
    return Deployment(
        f"services.{name}",
        kinds.COMPOSE,
        service.host,
        span_of(node or service),
        launch,
        f"{why} of service {name}",
        image.servers,
        image.engine,
        {**_facts(service, mounts), **image.facts},
        block=service.start,
    )


def interpolated(text: Passage) -> Passage:
    """A value with its variables as compose fills them in: a default where it has one,
    else a hole; `$$` is a dollar."""
    pieces = []
    at = 0
    for match in _VARIABLE.finditer(text.data):
        start, end = match.span()
        pieces.append(text.cut(at, start))
        host, first, last = text.extent(start, end)
        operator = match[3]
        if match.group() == b"$$":
            pieces.append(Passage.instead(b"$", host, first, last))
        elif operator in (b"-", b":-") and b"$" not in match[4]:
            pieces.append(Passage.instead(match[4], host, first, last))
        else:
            pieces.append(Passage.hole(host, first, last))
        at = end
    return Passage.join([*pieces, text.cut(at)]) if pieces else text


def _text(node: Node | None) -> str:
    """The text of a scalar with its variables filled in, "" where they are not known."""
    if node is None or node.kind != SCALAR:
        return ""
    text = interpolated(passage(node))
    return text.data.decode("utf-8", "replace") if text.known else ""


def _words(service: Node) -> list[Passage]:
    """What the container runs: its entrypoint, then its command."""
    found = []
    for key in ("entrypoint", "command"):
        node = service.get(key)
        if node is None:
            continue
        if node.kind == SCALAR:
            found += shell.words(interpolated(passage(node)))
        else:
            found += [interpolated(passage(item)) for item in node.items]
    return found


def _environment(service: Node) -> dict[str, Passage]:
    """The variables of a service, as a mapping or as a list of NAME=VALUE."""
    node = service.get("environment")
    if node is None:
        return {}
    if node.kind == MAPPING:
        return {
            name: interpolated(passage(value))
            for name, value in node.entries()
            if value.kind == SCALAR
        }
    found = {}
    for item in node.items:
        text = interpolated(passage(item))
        name, equals, _ = text.data.partition(b"=")
        if equals:
            found[name.decode("utf-8", "replace")] = text.cut(len(name) + 1)
    return found


def _configuration(
    start: Start, mounts: Sequence[Mount], host: Document, world: World
) -> tuple[tuple[Document, ...], str]:
    """The texts of the file that the command names, or why nobody can see them."""
    if start.file is None:
        return (), ""
    if not start.file.known:
        return (), "a variable stands for its configuration file or for options"
    path = start.file.data.decode("utf-8", "surrogateescape")
    for mount in sorted(mounts, key=lambda one: -len(one.target)):
        inside = _inside(path, mount.target)
        if inside is None:
            continue
        if mount.text is not None:
            return (mount.text,), ""
        if mount.kind != "bind":
            break
        folder = os.path.dirname(host.path or "")
        document = world.read(os.path.normpath(os.path.join(folder, mount.source, inside)))
        return ((document,), "") if document is not None else ((), _absent(path))
    return (), _absent(path)


def _absent(path: str) -> str:
    return f"its configuration file {path} is not in this repository"


def _inside(path: str, target: str) -> str | None:
    """What remains of `path` below a mount; "" for the mount itself, None outside."""
    if path == target:
        return ""
    return path[len(target) :].lstrip("/") if path.startswith(target.rstrip("/") + "/") else None


def _mounts(service: Node, root: Node) -> list[Mount]:
    found = [mount for item in service.list("volumes") if (mount := _volume(item))]
    tmpfs = service.get("tmpfs")
    if tmpfs is not None:
        items = tmpfs.items or [tmpfs]
        found += [Mount(_text(item).partition(":")[0], "tmpfs") for item in items]
    for item in service.list("configs"):
        name = item.string("source") if item.kind == MAPPING else item.text
        target = (item.string("target") if item.kind == MAPPING else "") or f"/{name}"
        entry = root.get("configs", name)
        if entry is not None:
            content = entry.get("content")
            text = embed(interpolated(passage(content))) if content is not None else None
            found.append(Mount(target, "bind", entry.string("file"), text))
    return [mount for mount in found if mount.target]


def _volume(item: Node) -> Mount | None:
    """One entry of `volumes`, in its short or long form."""
    if item.kind == MAPPING:
        content = item.get("content")
        text = embed(interpolated(passage(content))) if content is not None else None
        kind = item.string("type") or "volume"
        return Mount(_text(item.get("target")), kind, _text(item.get("source")), text)
    parts = interpolated(passage(item)).data.decode("utf-8", "replace").split(":")
    if len(parts) == 1:
        return Mount(parts[0], "volume")
    source = parts[0]
    kind = "bind" if source.startswith((".", "/", "~")) or "/" in source else "volume"
    return Mount(parts[1], kind, source)


def _facts(service: Node, mounts: Sequence[Mount]) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    for path in (("mem_limit",), ("deploy", "resources", "limits", "memory")):
        size = docker_size(_text(service.get(*path)))
        if size:
            facts["host.cgroup_memory_max"] = fact(size, "bytes", ".".join(path))
    files = service.get("ulimits", "nofile")
    hard = _text(files.get("hard") if files is not None and files.kind == MAPPING else files)
    if hard.isdigit():
        facts["host.open_files"] = fact(int(hard), "", "ulimits.nofile")
    for mount in mounts:
        if mount.target.rstrip("/") == DATA:
            facts["disk.volatile"] = fact(mount.kind == "tmpfs", "", f"{mount.kind} at {DATA}")
    ports = service.list("ports")
    published = [port for item in ports if (port := _published(item))]
    network = service.get("network_mode")
    # A variable that is not known may be an address, what a service extends may have ports,
    # and in the network of the host they count for nothing.
    unknown = network is not None or service.get("extends") is not None
    if not unknown and not any(map(_hidden, ports)):
        why = "ports" if service.get("ports") is not None else "no ports"
        facts["container.published"] = fact(published, "", why)
    return facts


def _hidden(item: Node) -> bool:
    """Whether nobody can tell what an entry of `ports` opens."""
    given = [item.get("published"), item.get("host_ip")] if item.kind == MAPPING else [item]
    return any(node is not None and not _text(node) for node in given)


def _published(item: Node) -> str:
    """The address of the host that an entry of `ports` opens, as ADDRESS:PORT; "" for none.

    Without an address docker listens on every interface, and passes by the host's firewall.
    """
    if item.kind == MAPPING:
        port = _text(item.get("published"))
        return f"{_text(item.get('host_ip')) or '*'}:{port}" if port else ""
    parts = _text(item).partition("/")[0].rsplit(":", 2)
    if len(parts) == 1:
        return ""
    address = parts[0] if len(parts) == 3 else "*"
    return f"{address}:{parts[-2]}"

"""Templates of redis.conf and sentinel.conf: `redis.conf.j2`, `sentinel.conf.erb`, `redis.tmpl`.

A file of a chart's named templates (`{{ define "redis.conf" }}`) may hold several.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from redislint.conf import templates
from redislint.conf.document import Document
from redislint.conf.launch import Launch
from redislint.sources import kinds
from redislint.sources.iac.deployment import Deployment, Problem, World

_DEFINE = re.compile(rb'\{\{-?[ \t]*define[ \t]+"([^"\r\n]+)"[ \t]*-?\}\}')


class _Part(NamedTuple):
    """A part of a file that may be a configuration of its own, from byte `start` to `end`;
    `address` is its name within the file, `title` what tells of its kind."""

    address: str
    title: str
    start: int
    end: int


def find(hosts: Sequence[Document], world: World) -> Iterator[Deployment | Problem]:
    """The configurations that each template makes."""
    for host in hosts:
        for part in _parts(host):
            text = templates.document(host, part.start, part.end)
            kind = kinds.found_kind(part.title, text.data, world.knows)
            if kind in (kinds.REDIS_CONF, kinds.SENTINEL_CONF):
                yield Deployment(
                    part.address,
                    kinds.TEMPLATE,
                    host,
                    host.span(part.start, part.start),
                    Launch((text,), sentinel=kind == kinds.SENTINEL_CONF),
                    f"template of {kind.replace('-', '.')}",
                )


def _parts(host: Document) -> Iterator[_Part]:
    """Each named template, or the whole file where it has none."""
    found = list(_DEFINE.finditer(host.data))
    if not found:
        title = os.path.splitext(os.path.basename(host.path or ""))[0]
        yield _Part("", title, 0, len(host.data))
    for number, match in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(host.data)
        name = match[1].decode("utf-8", "replace")
        yield _Part(name, name, match.end(), end)

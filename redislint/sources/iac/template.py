"""Templates of redis.conf and sentinel.conf: `redis.conf.j2`, `sentinel.conf.erb`, `redis.tmpl`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from redislint.conf import templates
from redislint.conf.document import Document
from redislint.conf.launch import Launch
from redislint.model import Span
from redislint.sources import kinds
from redislint.sources.iac.deployment import Deployment, Problem, World


def find(hosts: Sequence[Document], world: World) -> Iterator[Deployment | Problem]:
    """The configuration that each template makes."""
    for host in hosts:
        path = host.path or ""
        text = templates.document(host)
        name = os.path.splitext(os.path.basename(path))[0]
        kind = kinds.found_kind(name, text.data, world.knows)
        if kind not in (kinds.REDIS_CONF, kinds.SENTINEL_CONF):
            continue
        yield Deployment(
            "",
            kinds.TEMPLATE,
            host,
            Span(path, 1, 1, 1, 1),
            Launch((text,), sentinel=kind == kinds.SENTINEL_CONF),
            f"template of {kind.replace('-', '.')}",
        )

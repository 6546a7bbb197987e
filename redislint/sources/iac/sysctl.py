"""Fragments of sysctl configuration, profiles of tuned, rc.local: kernel settings that decide
how a server fares.

vm.overcommit_memory = 1
net.core.somaxconn = 1024
transparent_hugepages = never          (tuned)
sysctl -w vm.overcommit_memory=1       (rc.local)
echo never > /sys/kernel/mm/transparent_hugepage/enabled
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from redislint import catalog
from redislint.conf.document import Document
from redislint.conf.launch import Launch
from redislint.model import Fact, Setting, Span, Target
from redislint.sources import kinds
from redislint.sources.iac.deployment import Deployment, Machine, Problem, World, fact

_ENTRY = re.compile(
    rb"(?m)^[ \t]*-?[ \t]*(?:sysctl[ \t]+-\w+[ \t]+)?([a-z]+(?:[./][a-z_]+)+)[ \t]*=[ \t]*"
    rb"([^\r\n]*?)[ \t]*\r?$"
)
_HUGE_PAGES = re.compile(
    rb"(?m)^[ \t]*(?:transparent_hugepages[ \t]*=[ \t]*(always|madvise|never)\b"
    rb"|echo[ \t]+[\"']?(always|madvise|never)[\"']?[ \t]*>+[ \t]*"
    rb"/sys/kernel/mm/transparent_hugepage/enabled\b)"
)
"""Transparent huge pages, as tuned and as a script at boot set them."""

_FACTS = {
    "vm.overcommit_memory": "host.vm_overcommit_memory",
    "vm.swappiness": "host.swappiness",
    "net.core.somaxconn": "host.somaxconn",
}
"""Kernel settings that rules look at -> their facts. Only the first and the last make a file
one of ours."""

_OF_A_HOST = {
    "target.on_host": fact(True, "", "kernel settings"),
    "target.running": fact(False, "", "a file"),
    "memory.forks": fact(True, "", "assumed: servers on it save, rewrite, or have replicas"),
}
"""What makes rules about hosts apply."""

_LISTED = ("vm.overcommit_memory", "net.core.somaxconn")


def find(hosts: Sequence[Document], world: World) -> Iterator[Deployment | Problem]:
    """The host that each file is a part of."""
    for host in hosts:
        settings, facts = _read(host)
        path = host.path or ""
        start = next((s.span for s in settings if s.span), Span(path, 1, 1, 1, 1))
        target = Target(
            path, kinds.SYSCTL, path, catalog.SUPPORTED[-1], assumed=True, settings=settings,
            facts={**_OF_A_HOST, **facts}, spans={"": start, **_places(settings)},
        )  # fmt: skip
        machine = Machine(target, host)
        yield Deployment(
            "", kinds.SYSCTL, host, start, Launch(), "kernel settings", machine=machine
        )


def _places(settings: Sequence[Setting]) -> dict[str, Span]:
    """Where the facts stand that settings give, by path."""
    return {_FACTS[one.canonical]: one.span for one in settings if one.span and one.effective}


def _read(host: Document) -> tuple[tuple[Setting, ...], dict[str, Fact]]:
    """Each setting at its place; the last one of a name is in effect."""
    found: dict[str, list[tuple[str, str, Span]]] = {}
    for match in _ENTRY.finditer(host.data):
        written = match[1].decode()
        name = written.replace("/", ".")
        if name in _FACTS:
            text = match[2].decode("utf-8", "replace")
            span = host.span(match.start(2), match.end(2))
            found.setdefault(name, []).append((written, text, span))
    settings = []
    facts = {}
    for name, places in found.items():
        for number, (written, text, span) in enumerate(places, 1):
            known = text.isdigit()
            value = int(text) if known else None
            last = number == len(places)
            if name in _LISTED:
                settings.append(
                    Setting(written, name, text, value, "file", span, known=known, effective=last)
                )
            if last and known:
                facts[_FACTS[name]] = fact(value, "", name)
    for match in _HUGE_PAGES.finditer(host.data):
        word = (match[1] or match[2]).decode()
        facts["host.transparent_hugepage"] = fact(word, "", "transparent huge pages")
    settings.sort(key=lambda one: (one.span.line, one.span.column) if one.span else (0, 0))
    return tuple(settings), facts

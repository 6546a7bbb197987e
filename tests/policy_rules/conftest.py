"""The built-in rules held against configuration text, the way an audit does it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest

from redislint import catalog
from redislint.audit import check
from redislint.audit.report import Report
from redislint.conf.document import parse
from redislint.conf.resolve import resolve
from redislint.facts import derive, expression_values, workload
from redislint.facts.declared import declared_facts
from redislint.facts.workload import Workload
from redislint.model import Fact, Server, Target
from redislint.policy import reading
from redislint.policy.engine import Engine, Evaluation
from redislint.policy.library import load_files
from redislint.policy.rules import Rule
from redislint.sources.live.options import LiveOptions
from tests.support.bad_states import BadServer, bad_server
from tests.support.resp_stub import Recording, Stub

BadServers = Callable[..., BadServer]
"""Starts a real server with these lines of configuration, and a data directory or its own."""

Replay = Callable[..., Report]
"""Audits a record as a server would be audited."""

FILES = ("persistence.yaml", "memory.yaml")


class Audit(Protocol):
    def __call__(
        self,
        text: str | bytes,
        server: Server | str = "redis-7.2",
        given: Mapping[str, Any] | None = None,
        only: str = "",
    ) -> Evaluation: ...


@pytest.fixture(scope="session")
def rules(root: Path) -> tuple[Rule, ...]:
    """The rules of the persistence and memory policies, freshly loaded."""
    files = [(name, (root / "policies" / name).read_bytes()) for name in FILES]
    return load_files(files)


@pytest.fixture(scope="session")
def workloads(root: Path) -> dict[str, Workload]:
    """Every shipped workload by name and alias."""
    path = root / "policies" / "workloads.yaml"
    document = reading.parse(path.read_bytes(), path.name)
    assert document is not None
    entries = document.data["workloads"]
    return workload.index(Workload.from_mapping(name, entry) for name, entry in entries.items())


def _spelling(name: str, server: Server) -> str | None:
    spec = catalog.lookup(name, server)
    return spec.name if spec else None


@pytest.fixture(scope="session")
def audit(rules: tuple[Rule, ...], workloads: dict[str, Workload]) -> Audit:
    """Evaluate the rules (or the one of id `only`) on a text.

    `given`: declarations by key (`workload`, `rpo`, ...) and other facts by dotted path.
    """
    engines = {rule.id: Engine([rule], spelling=_spelling) for rule in rules}
    engines[""] = Engine(rules, spelling=_spelling)

    def run(
        text: str | bytes,
        server: Server | str = "redis-7.2",
        given: Mapping[str, Any] | None = None,
        only: str = "",
    ) -> Evaluation:
        configuration = resolve(parse(text, "redis.conf"), server)
        declared: dict[str, str] = {}
        supplied: dict[str, Any] = {}
        for key, value in (given or {}).items():
            if "." in key:
                supplied[key] = value
            else:
                declared[key] = ",".join(value) if isinstance(value, list) else str(value)
        facts = declared_facts(declared, workloads)
        known = {**{path: fact.value for path, fact in facts.items()}, **supplied}
        config = expression_values(configuration.values())
        facts.update(derive(config, configuration.is_set, configuration.server, known=known))
        facts.update((path, Fact(value)) for path, value in supplied.items())
        facts["config"] = Fact(config)
        facts["set"] = Fact({name: configuration.is_set(name) for name in config})
        target = Target(
            id="redis.conf",
            kind="conf",
            uri="redis.conf",
            server=configuration.server,
            settings=configuration.settings,
            facts=facts,
        )
        return engines[only].evaluate(target)

    return run


@pytest.fixture
def servers(
    redis_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[BadServers]:
    """Starts real servers; audits run in a folder without a project."""
    monkeypatch.chdir(tmp_path)
    with ExitStack() as stack:
        yield lambda conf="", data=None: stack.enter_context(bad_server(redis_server, conf, data))


@pytest.fixture
def server(servers: BadServers) -> BadServer:
    """One real server with a configuration that no rule minds."""
    return servers()


@pytest.fixture
def replay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Replay:
    """Audit a record (a file or its text) as a server, in a folder without a project."""
    monkeypatch.chdir(tmp_path)

    def run(source: Path | str, *, rates: bool = False, **options: Any) -> Report:
        recording = Recording(source, directory="/var/lib/redis")
        user = "" if recording.authenticated else ":".join(recording.credentials[0]) + "@"
        live = LiveOptions(interval=0.01) if rates else None
        with Stub(recording.serve) as stub:
            url = f"redis://{user}127.0.0.1:{stub.port}"
            return check([url], profile="strict", live=live, host="none", **options)

    return run


@pytest.fixture(scope="module")
def kept(root: Path) -> dict[str, list[str]]:
    """The records kept with the tests, by state."""
    path = root / "tests" / "policy_rules" / "data" / "states.jsonl"
    found: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        found.setdefault(json.loads(line)["state"], []).append(line)
    return found

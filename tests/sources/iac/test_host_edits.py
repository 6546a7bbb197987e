"""Edits of what host files embed, over all forms: the new value is read back, all else stays."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redislint import catalog
from redislint.conf import edit
from redislint.conf.document import Document, Line, parse
from redislint.conf.edit import EditError, quote_words
from redislint.conf.include import IncludeReader
from redislint.model import Edit, Server
from redislint.sources import kinds
from redislint.sources.iac import formats
from redislint.sources.iac.deployment import Deployment, World

SERVER = Server.parse("redis-7.2")
Pairs = Sequence[tuple[str, str]]

EASY = ("yes", "no", "0", "10mb", "everysec", "/var/lib/redis", "1:30", "allkeys-lru", "-1")
HARD = (
    "", "900 1", "a#b", "x #y", "key: v", "* -::*", "it's", 'say "x"', "back\\slash", "&a", "*b",
    "!c", "%d", "@e", "- f", "null", "~", "1e3", "0x1F", "0o17", "1_000", ".5", "2024-01-01", "é",
    "a,b", "[c]", "{d}", "|", ">", "?", "`x`", "a: ", "#z", "=", "<<", "off", "y", "'", '"',
    "a\tb", "$HOME", "{{ x }}", "--port", "%%", "x:",
)  # fmt: skip
NAMES = ("dbfilename", "logfile", "dir", "appendfsync", "maxmemory-policy", "pidfile")


def words(pairs: Pairs) -> list[str]:
    return [word for name, value in pairs for word in (f"--{name}", value)]


def lines(pairs: Pairs, indent: str = "    ") -> str:
    return "".join(f"{indent}{name} {_conf(value)}\n" for name, value in pairs)


def _conf(value: str) -> str:
    return quote_words([value.encode()]).decode()


def single(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def plain(text: str) -> str:
    return text if text.replace("-", "").isalnum() or text.startswith("/") else single(text)


def service(command: str) -> str:
    other = "  b:\n    image: redis:7.2\n    command: [--appendonly, 'no', --port, 7000]\n"
    return f"services:\n  a:\n    image: redis:7.2\n    command:{command}\n{other}"


def in_flow(write: Callable[[str], str]) -> Callable[[Pairs], str]:
    return lambda pairs: service(f" [redis-server, {', '.join(map(write, words(pairs)))}]")


def in_block(write: Callable[[str], str]) -> Callable[[Pairs], str]:
    return lambda pairs: service(
        "\n      - redis-server" + "".join(f"\n      - {write(word)}" for word in words(pairs))
    )


def shell(pairs: Pairs) -> str:
    return " ".join(["redis-server", *map(shlex.quote, words(pairs))])


def config_map(text: str) -> str:
    return (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  redis.conf: "
        f"{text}\n  other.conf: |\n    port 1\n    appendonly no\n"
    )


def resource(text: str) -> str:
    return (
        'resource "kubernetes_config_map" "a" {\n  metadata {\n    name = "a"\n  }\n  data = {\n'
        f'    "redis.conf" = {text}\n    more = "x"\n  }}\n}}\n'
    )


def hcl(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


def chart(text: str) -> str:
    return f"image:\n  repository: bitnami/redis\nmaster:\n  {text}\n  count: 1\n"


def pod(args: str) -> str:
    return (
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n"
        f"  - name: r\n    image: redis:7.2\n    args: {args}\n    resources: {{}}\n"
    )


def json_pod(pairs: Pairs) -> str:
    container = {"name": "r", "image": "redis:7.2", "args": words(pairs), "tty": False}
    return json.dumps(
        {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [container]}}, indent=1
    )


MORE = "    port 1\n    databases 16\n    daemonize no\n    tcp-keepalive 60"
TEMPLATED = "port {{ port }}\ndatabases 16\ndaemonize no\ntcp-keepalive 60\n"
Form = tuple[str, str, Callable[[Pairs], str]]
COMPOSE, KUBERNETES = (kinds.COMPOSE, "compose.yml"), (kinds.KUBERNETES, "all.yaml")

FORMS: dict[str, Form] = {
    "plain items in brackets": (*COMPOSE, in_flow(plain)),
    "single-quoted items in brackets": (*COMPOSE, in_flow(single)),
    "double-quoted items in brackets": (*COMPOSE, in_flow(json.dumps)),
    "plain items of a block": (*COMPOSE, in_block(plain)),
    "single-quoted items of a block": (*COMPOSE, in_block(single)),
    "double-quoted items of a block": (*COMPOSE, in_block(json.dumps)),
    "plain command": (*COMPOSE, lambda p: service(f" {shell(p)}")),
    "single-quoted command": (*COMPOSE, lambda p: service(f" {single(shell(p))}")),
    "double-quoted command": (*COMPOSE, lambda p: service(f" {json.dumps(shell(p))}")),
    "folded command": (
        *COMPOSE,
        lambda p: service(" >-\n      " + shell(p).replace(" --", "\n      --")),
    ),
    "arguments of a pod": (*KUBERNETES, lambda p: pod(json.dumps(words(p)))),
    "script of a pod": (*KUBERNETES, lambda p: pod(f"[sh, -c, {single(shell(p) + ' 2>&1')}]")),
    "JSON": (kinds.KUBERNETES, "pod.json", json_pod),
    "literal block": (*KUBERNETES, lambda p: config_map("|\n" + lines(p) + MORE)),
    "double-quoted text": (*KUBERNETES, lambda p: config_map(json.dumps(lines(p, "") + "port 1"))),
    "CMD list": (
        kinds.DOCKERFILE,
        "Dockerfile",
        lambda p: f"FROM redis:7.2\nCMD {json.dumps(['redis-server', *words(p)])}\n",
    ),
    "CMD": (kinds.DOCKERFILE, "Dockerfile", lambda p: f"FROM redis:7.2\nCMD {shell(p)} && true\n"),
    "ExecStart": (
        kinds.SYSTEMD,
        "redis.service",
        lambda p: f"[Service]\nExecStart=/usr/bin/{shell(p)}\nLimitNOFILE=10\n",
    ),
    "variables": (
        kinds.ANSIBLE,
        "group_vars/all.yml",
        lambda p: "".join(f"redis_{n.replace('-', '_')}: {single(v)}\n" for n, v in p),
    ),
    "flags of a chart": (
        kinds.HELM,
        "values.yaml",
        lambda p: chart(f"extraFlags: {json.dumps(words(p))}"),
    ),
    "text of a chart": (
        kinds.HELM,
        "values.yaml",
        lambda p: chart("configuration: |-\n" + lines(p) + MORE),
    ),
    "flags in a variable": (
        *COMPOSE,
        lambda p: (
            "services:\n  a:\n    image: valkey/valkey:8.1\n    environment:\n"
            f"      VALKEY_EXTRA_FLAGS: {single(shell(p).partition(' ')[2])}\n      OTHER: 'no'\n"
        ),
    ),
    "lines of an operator": (
        *KUBERNETES,
        lambda p: (
            "apiVersion: databases.spotahome.com/v1\nkind: RedisFailover\nmetadata: {name: a}\n"
            "spec:\n  redis:\n    customConfig:\n"
            + "".join(f"      - {json.dumps(f'{n} {_conf(v)}')}\n" for n, v in p)
        ),
    ),
    "heredoc": (
        kinds.TERRAFORM,
        "main.tf",
        lambda p: resource("<<-EOT\n" + lines(p, "      ") + MORE + "\n    EOT"),
    ),
    "string of HCL": (
        kinds.TERRAFORM,
        "main.tf",
        lambda p: resource(hcl(lines(p, "") + MORE)),
    ),
    "template": (kinds.TEMPLATE, "redis.conf.j2", lambda p: lines(p, "") + TEMPLATED),
}


def servers(kind: str, name: str, text: str | bytes) -> list[Deployment]:
    host = parse(text, f"/nowhere/{name}")
    host.foreign = True
    world = World("/nowhere", lambda one: catalog.directive(one) is not None)
    found = list(formats.finder(kind)([host], world))
    return [one for one in found if isinstance(one, Deployment)]


def read(one: Deployment) -> list[Line]:
    conf = one.launch.resolve(SERVER, IncludeReader(None))
    return [line for document in conf.documents for line in document.directives]


def said(one: Deployment) -> list[tuple[bytes, ...]]:
    return [tuple(word.value for word in line.words or ()) for line in read(one)]


def all_said(kind: str, name: str, text: bytes) -> dict[str, list[tuple[bytes, ...]]]:
    return {one.name: said(one) for one in servers(kind, name, text)}


def changed(host: Document, change: Edit) -> bytes:
    data = host.data
    assert data[change.start : change.end].count(b"\n") <= 1
    return data[: change.start] + change.replacement + data[change.end :]


Draw = st.DataObject
some_pairs = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(EASY + HARD)), min_size=2, max_size=4
)
forms = st.sampled_from(sorted(FORMS))


def start(form: str, pairs: Pairs) -> tuple[str, str, Deployment, list[Line]] | None:
    """The file of a form and its first server; None where the form cannot hold these values."""
    kind, name, write = FORMS[form]
    text = write(pairs)
    found = servers(kind, name, text)
    read_ = read(found[0]) if found else []
    wanted = [(key.encode(), value.encode()) for key, value in pairs]
    if not found or said(found[0])[: len(pairs)] != wanted:
        return None
    return kind, name, found[0], read_


@settings(max_examples=300, deadline=None)
@given(forms, some_pairs, st.data())
def test_a_value_is_replaced_and_all_else_stays(form: str, pairs: Pairs, data: Draw) -> None:
    begun = start(form, pairs)
    if begun is None:
        return
    kind, name, one, read_ = begun
    at = data.draw(st.integers(0, len(pairs) - 1))
    value = data.draw(st.sampled_from(EASY + HARD)).encode()
    before = all_said(kind, name, one.host.data)
    try:
        change = edit.replace_value(read_[at], [value])
    except EditError:
        assert value.decode() not in EASY or pairs[at][1] in HARD
        return
    after = all_said(kind, name, changed(one.host, change))
    before[one.name][at] = (before[one.name][at][0], value)
    assert after == before


@settings(max_examples=300, deadline=None)
@given(forms, some_pairs, st.data())
def test_a_directive_is_added_and_all_else_stays(form: str, pairs: Pairs, data: Draw) -> None:
    begun = start(form, pairs)
    if begun is None:
        return
    kind, name, one, read_ = begun
    at = data.draw(st.integers(0, len(pairs) - 1))
    row = (b"tcp-backlog", data.draw(st.sampled_from(EASY + HARD)).encode())
    before = all_said(kind, name, one.host.data)
    try:
        change = edit.insert_after(read_[at], row)
    except EditError:
        return
    after = all_said(kind, name, changed(one.host, change))
    before[one.name].insert(at + 1, row)
    assert after == before


@settings(max_examples=300, deadline=None)
@given(forms, some_pairs, st.data())
def test_a_directive_is_taken_out_and_all_else_stays(form: str, pairs: Pairs, data: Draw) -> None:
    begun = start(form, pairs)
    if begun is None:
        return
    kind, name, one, read_ = begun
    at = data.draw(st.integers(0, len(pairs) - 1))
    before = all_said(kind, name, one.host.data)
    try:
        change = edit.delete_line(read_[at])
    except EditError:
        return
    after = one.host.data[: change.start] + change.replacement + one.host.data[change.end :]
    del before[one.name][at]
    assert all_said(kind, name, after) == before


@pytest.mark.parametrize("form", sorted(FORMS))
def test_a_plain_value_can_be_written_in_every_form(form: str) -> None:
    begun = start(form, [("dbfilename", "one"), ("appendfsync", "no"), ("dir", "two")])
    assert begun is not None
    kind, name, one, read_ = begun
    for value in (b"yes", b"0", b"10mb"):
        text = changed(one.host, edit.replace_value(read_[1], [value]))
        assert all_said(kind, name, text)[one.name][1] == (b"appendfsync", value)

"""inventory.yaml read strictly: every mistake with its place and the nearest right name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from redislint.facts.text import parse_duration
from redislint.fleet.model import Entry, Secret, Tls
from redislint.model import Server
from redislint.policy.errors import PolicyError, Problem, did_you_mean, quote
from redislint.policy.reading import Node, Reader, parse, read_bytes

if TYPE_CHECKING:
    from redislint.facts.workload import Workload

LARGEST = 64 << 20
MOST_VALUES = 1_000_000
"""Bytes and values of an inventory: some 100,000 targets. It takes about 0.3 ms for each."""

CLOUD = ("elasticache", "memorydb")
SEVERAL = ("redis+cluster", "rediss+cluster", "redis+sentinel", "rediss+sentinel")
ENVIRONMENTS = ("production", "staging", "development", "test")

TOP = ("version", "defaults", "groups", "targets", "discover", "history", "keep")
SHARED = (
    "workload", "environment", "rpo", "rto", "tags", "user", "password", "tls", "server",
    "timeout", "interval", "accounts",
)  # fmt: skip
"""What defaults, groups and targets may say."""

TARGET = ("name", "url", "file", "group", "host", "conf", *SHARED)
DISCOVER = (
    "name", "sentinel", "cluster", "elasticache", "memorydb", "manifests", "ansible",
    "host_facts", "group", *SHARED,
)  # fmt: skip
_ONE_OF = ("sentinel", "cluster", "elasticache", "memorydb", "manifests", "ansible", "host_facts")


class Discovery(NamedTuple):
    """A place that names further targets. `kind` is a key of `discover`, `value` its plain
    value (a path is absolute), `base` an entry with all that the found ones share."""

    kind: str
    value: Any
    base: Entry


class Inventory(NamedTuple):
    """`path` and `folder` are absolute; `history` is a database URL or "" for the file
    beside the inventory; `keep` is how many days of history stay (0: all)."""

    path: str
    folder: str
    entries: tuple[Entry, ...] = ()
    discoveries: tuple[Discovery, ...] = ()
    history: Secret | str = ""
    keep: int = 0


def load(path: str, shown: str | None = None) -> Inventory:
    """Read an inventory. Raises PolicyError with every problem found."""
    whole = os.path.abspath(path)
    name = shown or path
    data = read_bytes(whole, name, LARGEST)
    node = parse(data, name, MOST_VALUES, LARGEST)
    if node is None:
        raise PolicyError([Problem(name, 0, 0, "is empty: expected 'targets:' or 'discover:'")])
    reader = Reader(name, source=data.decode("utf-8-sig"))
    found = _InventoryReader(reader, os.path.dirname(whole)).read(whole, node)
    reader.done()
    return found


def check_workloads(entries: Iterable[Entry], known: Mapping[str, Workload], shown: str) -> None:
    """Raises PolicyError for each workload that is none of `known` (names and aliases, those of
    redislint.yaml too), at the line of its target."""
    from redislint.facts.declared import DeclarationError, declared_facts

    problems = []
    seen: set[tuple[str, ...]] = set()
    for entry in entries:
        if entry.workload in seen:
            continue
        seen.add(entry.workload)
        try:
            declared_facts({"workload": ",".join(entry.workload)}, known)
        except DeclarationError as error:
            problems.append(Problem(shown, entry.line, 1, f"'workload': {error}"))
    if problems:
        raise PolicyError(problems)


class _InventoryReader:
    """Reads one inventory; problems go to `reader`."""

    def __init__(self, reader: Reader, folder: str) -> None:
        self.reader = reader
        self.folder = folder
        self.groups: dict[str, Mapping[str, Node]] = {}
        self.defaults: Mapping[str, Node] = {}

    def read(self, path: str, node: Node) -> Inventory:
        reader = self.reader
        keys = reader.mapping(node, "the inventory", TOP)
        if "version" in keys and keys["version"].data != 1:
            reader.bad(keys["version"], "'version': this redislint reads version 1")
        if not {"targets", "discover"} & keys.keys():
            reader.bad(node, "the inventory has neither 'targets' nor 'discover'")
        if "defaults" in keys:
            self.defaults = reader.mapping(keys["defaults"], "'defaults'", SHARED)
            self._shared(self.defaults)
        if "groups" in keys:
            for name, item in reader.mapping(keys["groups"], "'groups'", None).items():
                self.groups[name] = reader.mapping(item, f"group {quote(name)}", SHARED)
                self._shared(self.groups[name])
        taken: dict[str, int] = {}
        entries = tuple(
            filter(None, map(self._target, reader.items(keys.get("targets"), "'targets'")))
        )
        for entry in entries:
            if entry.name in taken:
                message = f"the name {quote(entry.name)} is taken by line {taken[entry.name]}"
                reader.problems.append(Problem(reader.path, entry.line, 1, message))
            taken.setdefault(entry.name, entry.line)
        places = reader.items(keys.get("discover"), "'discover'")
        return Inventory(
            path,
            self.folder,
            entries,
            tuple(found for place in places for found in self._discovery(place)),
            self._history(keys.get("history")),
            self._days(keys.get("keep")),
        )

    def _target(self, node: Node) -> Entry | None:
        reader = self.reader
        keys = reader.mapping(node, "a target", TARGET)
        if not keys:
            return None
        given = [key for key in ("url", "file") if key in keys]
        if len(given) != 1:
            reader.bad(node, "a target has either 'url' or 'file'")
            return None
        where = reader.text(keys[given[0]], f"'{given[0]}'")
        if not where:
            return None
        kind = "file"
        seed = False
        if given == ["url"]:
            kind, seed = self._url(keys["url"], where)
        else:
            where = os.path.normpath(os.path.join(self.folder, where))
        base = self._base(keys, node)
        name = reader.text(keys.get("name"), "'name'", 200) or _name_of(where, kind)
        return base._replace(
            name=name,
            kind=kind,
            where=where,
            seed=seed,
            host=self._path(keys.get("host"), "'host'"),
            conf=self._path(keys.get("conf"), "'conf'"),
        )

    def _url(self, node: Node, url: str) -> tuple[str, bool]:
        """The kind of a URL, and whether it stands for several targets."""
        from redislint.sources.live import SCHEMES

        scheme, found, rest = url.partition("://")
        if not found or scheme not in (*SCHEMES, *CLOUD):
            known = ", ".join(f"{one}://" for one in (*SCHEMES, *CLOUD))
            near = did_you_mean(scheme, (*SCHEMES, *CLOUD)) if found else ""
            self.reader.bad(node, f"'url': expected one of {known}{near}")
            return "live", False
        if scheme in CLOUD:
            return "cloud", "/" not in rest.rstrip("/")
        from redislint.sources.live.address import parse_url
        from redislint.sources.live.errors import LiveError

        try:
            password = parse_url(url).password
        except LiveError as error:
            authority = rest.partition("/")[0]
            password = "" if ":" in authority.rpartition("@")[0] else None
            if password is None:
                self.reader.bad(node, f"'url': {error.message}")
        if password is not None:
            self.reader.bad(
                node,
                "'url' holds a password: name where it is to be had instead, such as"
                " password: {env: REDIS_PASSWORD}",
            )
        return "live", scheme in SEVERAL

    def _base(self, keys: Mapping[str, Node], node: Node) -> Entry:
        """What a target shares with its group and the defaults; the nearer one counts."""
        group: Mapping[str, Node] = {}
        if "group" in keys:
            name = self.reader.text(keys["group"], "'group'", 200)
            if name and name not in self.groups:
                self.reader.bad(
                    keys["group"],
                    f"there is no group {quote(name)}{did_you_mean(name, self.groups)}",
                )
            group = self.groups.get(name, {})
        own = {key: value for key, value in keys.items() if key in SHARED}
        self._shared(own)
        merged = {**self.defaults, **group, **own}
        tags = {
            **self._tags(self.defaults.get("tags"), quiet=True),
            **self._tags(group.get("tags"), quiet=True),
            **self._tags(own.get("tags"), quiet=True),
        }
        return self._shared(merged, quiet=True)._replace(tags=tags, line=node.line)

    def _shared(self, keys: Mapping[str, Node], quiet: bool = False) -> Entry:
        """The shared keys as an entry. `quiet`: they were checked where they stand."""
        reader = Reader(self.reader.path) if quiet else self.reader
        one = _Values(reader, self.folder)
        return Entry(
            name="",
            kind="",
            where="",
            workload=one.words(keys.get("workload"), "'workload'"),
            environment=reader.choice(keys.get("environment"), "'environment'", ENVIRONMENTS, ""),
            rpo=one.duration(keys.get("rpo"), "'rpo'"),
            rto=one.duration(keys.get("rto"), "'rto'"),
            tags=self._tags(keys.get("tags"), quiet),
            user=reader.text(keys.get("user"), "'user'", 200),
            password=one.secret(keys.get("password"), "'password'"),
            tls=one.tls(keys.get("tls")),
            server=one.server(keys.get("server")),
            timeout=one.seconds(keys.get("timeout"), "'timeout'", 0.0),
            interval=one.seconds(keys.get("interval"), "'interval'", 0.0),
            accounts=reader.texts(keys.get("accounts"), "'accounts'"),
        )

    def _tags(self, node: Node | None, quiet: bool = False) -> dict[str, str]:
        reader = Reader(self.reader.path) if quiet else self.reader
        if node is None:
            return {}
        found = {}
        for name, value in reader.mapping(node, "'tags'", None).items():
            if value.kind in ("map", "list", "null"):
                reader.bad(value, f"tag {quote(name)} must be a text")
            else:
                found[name] = str(value.data)
        return found

    def _discovery(self, node: Node) -> Iterator[Discovery]:
        reader = self.reader
        keys = reader.mapping(node, "an entry of 'discover'", DISCOVER)
        given = [key for key in _ONE_OF if key in keys]
        if len(given) != 1:
            if keys:
                reader.bad(node, f"an entry of 'discover' has one of {', '.join(_ONE_OF)}")
            return
        kind = given[0]
        base = self._base(keys, node)
        name = reader.text(keys.get("name"), "'name'", 200) or f"{kind} (line {node.line})"
        value: Any = keys[kind].data
        if kind in ("manifests", "ansible", "host_facts"):
            value = self._path(keys[kind], f"'{kind}'")
        elif kind in ("sentinel", "cluster"):
            value = reader.text(keys[kind], f"'{kind}'")
            if value:
                self._url(keys[kind], value)
                if f"+{kind}://" not in value:
                    reader.bad(keys[kind], f"'{kind}': expected redis+{kind}://HOST:PORT,HOST:PORT")
        else:
            value = reader.texts(keys[kind], f"'{kind}'")
            self._regions(keys[kind], kind)
        if value:
            yield Discovery(kind, value, base._replace(name=name, seed=True))

    def _regions(self, node: Node, kind: str) -> None:
        from redislint.sources.cloud.address import parse_url
        from redislint.sources.cloud.errors import CloudError

        for one in node.value if node.kind == "list" else (node,):
            try:
                parse_url(f"{kind}://{one.data}")
            except CloudError as error:
                self.reader.bad(one, f"'{kind}': {error.message}")

    def _path(self, node: Node | None, what: str) -> str:
        text = self.reader.text(node, what) if node is not None else ""
        if not text or node is None:
            return ""
        path = os.path.normpath(os.path.join(self.folder, text))
        if not os.path.exists(path):
            self.reader.bad(node, f"{what}: there is no {quote(text)}")
        return path

    def _history(self, node: Node | None) -> Secret | str:
        if node is None:
            return ""
        one = _Values(self.reader, self.folder)
        if node.kind == "map":
            return one.secret(node, "'history'") or ""
        text = self.reader.text(node, "'history'")
        if "@" in text and ":" in text.partition("://")[2].rpartition("@")[0]:
            self.reader.bad(
                node,
                "'history' holds a password: name where the URL is to be had instead, such as"
                " history: {env: REDISLINT_HISTORY}",
            )
        return text

    def _days(self, node: Node | None) -> int:
        if node is None:
            return 0
        if node.kind != "int" or node.value < 0:
            self.reader.bad(node, "'keep': expected a number of days, 0 for all")
            return 0
        return int(node.value)


class _Values(NamedTuple):
    """Takes values of one kind out of nodes."""

    reader: Reader
    folder: str

    def words(self, node: Node | None, what: str) -> tuple[str, ...]:
        texts = self.reader.texts(node, what)
        return tuple(word.strip() for text in texts for word in text.split(",") if word.strip())

    def duration(self, node: Node | None, what: str) -> str:
        """A duration as it is written, checked."""
        if node is None:
            return ""
        if node.kind in ("int", "float") and node.value == 0:
            return "0"
        text = self.reader.text(node, what, 40)
        try:
            if text:
                parse_duration(text)
        except ValueError as error:
            self.reader.bad(node, f"{what}: {error}")
        return text

    def seconds(self, node: Node | None, what: str, default: float) -> float:
        text = self.duration(node, what)
        try:
            return parse_duration(text) if text else default
        except ValueError:
            return default  # reported above

    def server(self, node: Node | None) -> str:
        text = self.reader.text(node, "'server'", 60) if node is not None else ""
        try:
            return str(Server.parse(text)) if text else ""
        except ValueError as error:
            if node is not None:
                self.reader.bad(node, f"'server': {error}")
            return ""

    def secret(self, node: Node | None, what: str) -> Secret | None:
        """A reference to a secret; a secret itself is refused, and not repeated."""
        if node is None:
            return None
        expected = f"{what}: expected where it is to be had: {{env: NAME}}, {{file: PATH}} or"
        expected += " {command: [PROGRAM, ARGUMENT]}"
        if node.kind != "map":
            self.reader.bad(node, expected)
            return None
        keys = self.reader.mapping(node, what, ("env", "file", "command"))
        if len(keys) != 1:
            self.reader.bad(node, expected)
            return None
        env = self.reader.text(keys.get("env"), "'env'", 200)
        file = self.reader.text(keys.get("file"), "'file'")
        command = self.reader.texts(keys.get("command"), "'command'")
        return Secret(env, os.path.join(self.folder, file) if file else "", command)

    def tls(self, node: Node | None) -> Tls:
        if node is None:
            return Tls()
        keys = self.reader.mapping(node, "'tls'", ("ca", "cert", "key", "server_name", "verify"))
        paths = {
            name: os.path.join(self.folder, text)
            for name in ("ca", "cert", "key")
            if (text := self.reader.text(keys.get(name), f"'{name}'"))
        }
        return Tls(
            server_name=self.reader.text(keys.get("server_name"), "'server_name'", 300),
            verify=self.reader.flag(keys.get("verify"), "'verify'", True),
            **paths,
        )


def _name_of(where: str, kind: str) -> str:
    """What a target is called that has no name: its address, without credentials."""
    if kind == "file":
        return os.path.basename(where)
    scheme, _, rest = where.partition("://")
    return rest.rpartition("@")[2] if kind == "live" else f"{scheme}://{rest}"

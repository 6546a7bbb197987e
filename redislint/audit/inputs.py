"""What an audit is asked to read, and how that is named in reports."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from redislint import catalog
from redislint.audit.paths import Paths
from redislint.audit.report import UsageError
from redislint.audit.servers import check_known
from redislint.conf.reading import MAX_BYTES
from redislint.model import Server
from redislint.sources import kinds
from redislint.sources.conf_file import LoadedFile
from redislint.sources.deployed import loaded
from redislint.sources.discovery import NO_FILE_NAME, STDIN, ConfFile, Unread, discover

if TYPE_CHECKING:
    from redislint.audit.hosts import Hosts
    from redislint.facts.rates import Counters
    from redislint.sources.live.options import LiveOptions
    from redislint.sources.live.reading import Reading


class ServerInputs(NamedTuple):
    """What was said about running servers: how to reach them (`live`), and paths: `host`
    has the facts of a host, `conf` is the file that they were started with, `dump` the
    folder for their effective configuration. `hosts`: what is known of their hosts, in place of
    `host`; `readings`: what was read already, by URL; `before`: the counters of an earlier
    look, by the id of the target."""

    live: LiveOptions | None = None
    host: str | os.PathLike[str] | None = None
    conf: str | os.PathLike[str] | None = None
    dump: str | os.PathLike[str] | None = None
    hosts: Hosts | None = None
    readings: Mapping[str, Reading] = MappingProxyType({})
    before: Mapping[str, Counters] = MappingProxyType({})

    @property
    def needing_servers(self) -> str:
        """The first option given that makes sense for running servers only, or ""."""
        given = {"--host": self.host, "--conf": self.conf, "--dump-effective": self.dump}
        return next((name for name, value in given.items() if value is not None), "")


class Inputs(NamedTuple):
    """Paths of files and directories, `-` for the bytes of `stdin`, `urls` of running
    servers and `clouds`, the URLs of managed caches.

    `texts`: what counts in place of what files hold, by their path with links resolved.
    """

    targets: tuple[str, ...]
    stdin: bytes | None = None
    stdin_filename: str | None = None
    allow_outside: bool = False
    max_file_size: int = MAX_BYTES
    texts: Mapping[str, bytes] = MappingProxyType({})
    urls: tuple[str, ...] = ()
    clouds: tuple[str, ...] = ()

    @classmethod
    def of(cls, targets: Iterable[str | os.PathLike[str]], **options: object) -> Inputs:
        """Targets as the user gave them; none means the current directory.

        Raises UsageError for a URL that is no server's and for `-` without bytes to read.
        """
        given = tuple(os.fspath(target) for target in targets) or (os.curdir,)
        urls = tuple(target for target in given if is_url(target))
        clouds = tuple(target for target in given if is_cloud_url(target))
        paths = tuple(target for target in given if target not in urls and target not in clouds)
        inputs = cls(paths, urls=urls, clouds=clouds, **options)  # type: ignore[arg-type]
        for path in paths:
            if ":" in path and not os.path.lexists(path) and _is_like_a_url(path):
                raise UsageError(_strange(path))
            if path == STDIN and inputs.stdin is None:
                raise UsageError("'-' stands for standard input, and there is none")
        return inputs

    @property
    def named(self) -> frozenset[str]:
        """Absolute paths that the user named."""
        return frozenset(os.path.abspath(path) for path in self.targets if path != STDIN)

    def paths(self) -> Paths:
        """The names that reports give to what is read."""
        files = sorted(self.named)
        if self.stdin_filename is not None:
            files.append(os.path.abspath(self.stdin_filename))
        return Paths(files, os.getcwd())

    def read(self) -> Iterator[ConfFile | Unread]:
        """Everything there is to read, standard input first."""
        if STDIN in self.targets:
            yield self._standard_input()
        on_disk = [target for target in self.targets if target != STDIN]
        found = discover(
            on_disk, _knows, max_size=self.max_file_size, allow_outside=self.allow_outside
        )
        for item in found:
            text = self.texts.get(os.path.realpath(item.path)) if self.texts else None
            yield item if text is None or isinstance(item, Unread) else item._replace(data=text)

    def load(self) -> Iterator[LoadedFile | Unread]:
        """Everything there is to audit: files, and the servers that host files describe."""
        return loaded(
            self.read(),
            _knows,
            self.named,
            max_bytes=self.max_file_size,
            texts=self.texts,
        )

    def _standard_input(self) -> ConfFile | Unread:
        name = self.stdin_filename
        path = os.path.abspath(name) if name else NO_FILE_NAME
        data = self.stdin or b""
        if len(data) > self.max_file_size:
            return Unread(path, f"larger than the limit of {self.max_file_size} bytes")
        return ConfFile(path, kinds.named_kind(os.path.basename(path), data, _knows), data)


def is_url(target: str) -> bool:
    """Whether a target is the URL of running servers, and no file of that name."""
    if "://" not in target or os.path.lexists(target):
        return False
    from redislint.sources.live import is_live

    return is_live(target)


def is_cloud_url(target: str) -> bool:
    """Whether a target is the URL of managed caches, and no file of that name."""
    if "://" not in target or os.path.lexists(target):
        return False
    from redislint.sources.cloud import is_cloud

    return is_cloud(target)


def _knows(name: str) -> bool:
    return catalog.directive(name) is not None


def _is_like_a_url(path: str) -> bool:
    """Whether it is a URL, or one without its slashes, which may hold a password."""
    return "://" in path or path.partition(":")[0].lower() in _schemes()


def _schemes() -> tuple[str, ...]:
    from redislint.sources import cloud, live

    return (*live.SCHEMES, *cloud.SCHEMES)


def _strange(url: str) -> str:
    if "://" not in url:
        return f"the URL of a server begins with {url.partition(':')[0].lower()}://"
    known = ", ".join(f"{scheme}://" for scheme in _schemes())
    return f"{url.partition('://')[0]}:// targets are not supported: expected one of {known}"


def held_against(
    loaded: LoadedFile, named: tuple[Server, ...], project: tuple[Server, ...] = ()
) -> tuple[tuple[Server, ...], bool]:
    """The servers for a file: those that were named, else the one that its pragma names,
    else that of its image, else those of its project, else every supported one (of the
    image's engine); and whether that is an assumption.

    Raises UsageError where pragma or image name a version older than all known ones.
    """
    if named:
        return named, False
    server = loaded.pragma.server if loaded.pragma else None
    if server is not None:
        check_known(server)
        return (server,), False
    deployment = loaded.deployment
    if deployment is not None and deployment.servers:
        for server in deployment.servers:
            check_known(server)
        return deployment.servers, False
    if project:
        return tuple(sorted(set(project))), False
    if deployment is not None and deployment.engine:
        return tuple(s for s in catalog.SUPPORTED if s.engine == deployment.engine), True
    return catalog.SUPPORTED, True

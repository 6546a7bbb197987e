"""Dockerfiles whose image runs a server: base image, ENTRYPOINT and CMD, copied files.

FROM redis:7.2-alpine
COPY redis.conf /usr/local/etc/redis/redis.conf
CMD ["redis-server", "/usr/local/etc/redis/redis.conf", "--appendonly", "yes"]
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from redislint.conf.document import Document
from redislint.conf.launch import Launch
from redislint.conf.passage import DOUBLE, RAW, Passage, Slot
from redislint.sources import kinds
from redislint.sources.iac import environment, shell
from redislint.sources.iac.command import Start, start_of
from redislint.sources.iac.deployment import Deployment, Problem, World
from redislint.sources.iac.images import Image, read_image

_INSTRUCTION = re.compile(
    rb"(?m)^[ \t]*([A-Za-z]+)[ \t]+((?:[^\n]*\\[ \t]*\r?\n(?:[ \t]*#[^\n]*\n)*)*[^\n]*)"
)
_COMMENT = re.compile(rb"(?m)(?<=\n)[ \t]*#[^\n]*\n")
_ITEM = re.compile(rb'"((?:[^"\\]|\\.)*)"')
_EXEC = re.compile(rb'\[[ \t]*(?:"(?:[^"\\]|\\.)*"[ \t\\\r\n]*,?[ \t\\\r\n]*)*\][ \t\r]*')
_DATA = "/data"
"""The working directory of the official images."""

_VARIABLE = re.compile(rb"\\.|\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::?-([^}]*))?[^}]*\})")
_UNESCAPED = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"b": b"\b", b"f": b"\f"}


MOST_STAGES = 200
"""Most stages of a file that is read; what people write has some ten."""


class _Stage(NamedTuple):
    """A build stage as far as it goes; `copies` are source and target of COPY and ADD,
    `folder` is where its relative paths begin."""

    image: Image
    place: Passage
    variables: list[tuple[str, Passage]]
    copies: list[tuple[str, str]]
    folder: str = "/"
    entrypoint: tuple[Passage, ...] = ()
    command: tuple[Passage, ...] = ()


def find(hosts: Sequence[Document], world: World) -> Iterator[Deployment | Problem]:
    """The server that the last stage of each file runs."""
    for host in hosts:
        stage = _last_stage(host)
        found = _deployment(stage, host, world) if stage is not None else None
        if found is not None:
            yield found


def _last_stage(host: Document) -> _Stage | None:
    stages: dict[str, _Stage] = {}
    arguments: dict[bytes, bytes] = {}
    stage: _Stage | None = None
    names: tuple[str, ...] = ()
    left = MOST_STAGES
    for match in _INSTRUCTION.finditer(host.data):
        name = match[1].upper()
        slot = Slot(RAW, *match.span(2))
        text = _without_comments(Passage.of(host, *match.span(2), slot))
        if name == b"FROM":
            left -= 1
            if not left:
                return None
            stage, alias = _from(text, arguments, stages)
            names = tuple([key for key in (alias, str(MOST_STAGES - left - 1)) if key])
        elif name == b"ARG":
            key, equals, value = text.data.strip().partition(b"=")
            if equals:
                arguments.setdefault(key, value.strip(b"\"' \t\r"))
        elif stage is not None:
            stage = _with(stage, name, text)
        if stage is not None:
            stages.update(dict.fromkeys(names, stage))
    return stage


def _without_comments(text: Passage) -> Passage:
    """An instruction over several lines without the comment lines among them."""
    pieces = []
    at = 0
    for match in _COMMENT.finditer(text.data):
        pieces.append(text.cut(at, match.start()))
        at = match.end()
    return Passage.join([*pieces, text.cut(at)]) if pieces else text


def _from(
    text: Passage, arguments: dict[bytes, bytes], stages: dict[str, _Stage]
) -> tuple[_Stage, str]:
    words = [word for word in shell.words(text) if not word.data.startswith(b"--")]
    if not words:
        return _Stage(Image("", ""), text, [], []), ""
    known = True

    def fill(match: re.Match[bytes]) -> bytes:
        nonlocal known
        value = arguments.get(match[1] or match[2] or b"", match[3])
        known = known and value is not None
        return value or b""

    name = _VARIABLE.sub(fill, words[0].data).decode("utf-8", "replace")
    image = read_image(name)
    if not known:
        image = image._replace(servers=())
    alias = ""
    if len(words) == 3 and words[1].data.lower() == b"as":
        alias = words[2].data.decode("utf-8", "replace").lower()
    base = stages.get(name.lower())
    if base is not None:
        variables, copies = list(base.variables), list(base.copies)
        return base._replace(place=words[0], variables=variables, copies=copies), alias
    return _Stage(image, words[0], [], [], _DATA if image.official else "/"), alias


def _with(stage: _Stage, name: bytes, text: Passage) -> _Stage:
    if name == b"ENTRYPOINT":
        return stage._replace(entrypoint=_words(text), command=())
    if name == b"CMD":
        return stage._replace(command=_words(text))
    if name == b"ENV":
        stage.variables.extend(_variables(text))
    if name in (b"COPY", b"ADD"):
        stage.copies.extend((source, _join(stage.folder, path)) for source, path in _copies(text))
    if name == b"WORKDIR":
        folder = text.data.decode("utf-8", "replace").strip().strip("\"'")
        return stage._replace(folder=_join(stage.folder, folder))
    return stage


def _join(folder: str, path: str) -> str:
    """An absolute path in the image; a slash at its end says that it is a folder."""
    joined = posixpath.normpath(posixpath.join(folder, path))
    is_folder = posixpath.basename(path) in ("", ".", "..")
    return joined.rstrip("/") + "/" if is_folder else joined


def _words(text: Passage) -> tuple[Passage, ...]:
    """What an instruction runs: the words of its list, or those of a shell's script."""
    if not _EXEC.fullmatch(text.data.strip()):
        script = text
        host, start, end = text.extent(0, len(text))
        shell_name = Passage.instead(b"sh", host, start, start)
        option = Passage.instead(b"-c", host, start, start)
        return (shell_name, option, script) if end > start else ()
    found = []
    for match in _ITEM.finditer(text.data):
        pieces = []
        at = match.start(1)
        for escape in re.finditer(rb"\\(.)", match[1]):
            first = match.start(1) + escape.start()
            pieces.append(text.cut(at, first))
            host, begin, end = text.extent(first, first + 2)
            byte = _UNESCAPED.get(escape[1], escape[1])
            pieces.append(Passage.instead(byte, host, begin, end))
            at = first + 2
        item = Passage.join([*pieces, text.cut(at, match.end(1))])
        _, start, end = text.extent(*match.span())
        found.append(item.held_by(Slot(DOUBLE, start, end)))
    return tuple(found)


def _variables(text: Passage) -> Iterator[tuple[str, Passage]]:
    words = shell.words(text)
    if words and b"=" not in words[0].data and len(words) > 1:
        yield words[0].data.decode("utf-8", "replace"), words[1]  # ENV NAME VALUE
        return
    for word in words:
        name, equals, _ = word.data.partition(b"=")
        if equals:
            yield name.decode("utf-8", "replace"), word.cut(len(name) + 1)


def _copies(text: Passage) -> Iterator[tuple[str, str]]:
    words = [word.data.decode("utf-8", "replace") for word in shell.words(text)]
    if any(word.startswith("--from=") for word in words):
        return
    if words and words[0].startswith("["):
        words = [word.strip('[]",') for word in words]
    paths = [word for word in words if word and not word.startswith("--")]
    for source in paths[:-1]:
        yield source, paths[-1]


def _deployment(stage: _Stage, host: Document, world: World) -> Deployment | None:
    image = stage.image
    start = start_of([*stage.entrypoint, *stage.command], bare=bool(image.engine))
    if start is None:
        if not image.engine or stage.entrypoint or stage.command:
            return None
        start = Start(None, ())
    texts, unseen = _configuration(start, stage, host, world)
    given = environment.settings(image, dict(stage.variables))
    launch = Launch(
        (*given.before, *texts, *given.after),
        (*start.words, *given.words),
        start.sentinel,
        unseen or given.unseen,
    )
    place, first, last = stage.place.extent(0, len(stage.place))
    why = "command of the image" if start.program is not None else "base image"
    return Deployment(
        "",
        kinds.DOCKERFILE,
        host,
        place.span(first, last),
        launch,
        why,
        image.servers,
        image.engine,
    )


def _configuration(
    start: Start, stage: _Stage, host: Document, world: World
) -> tuple[tuple[Document, ...], str]:
    """The text of the file that the command names, where the image copies it from here."""
    if start.file is None:
        return (), ""
    if not start.file.known:
        return (), "a variable stands for its configuration file or for options"
    path = _join(stage.folder, start.file.data.decode("utf-8", "surrogateescape"))
    folder = os.path.dirname(host.path or "")
    for source, target in reversed(stage.copies):
        inside = _source_of(path, source, target)
        if inside is None or "$" in inside:
            continue
        for context in (folder, world.root):
            document = world.read(os.path.normpath(os.path.join(context, inside.lstrip("/"))))
            if document is not None:
                return (document,), ""
    return (), f"its configuration file {path} is not in this repository"


def _source_of(path: str, source: str, target: str) -> str | None:
    """The file of the build context that becomes `path`; None for another."""
    if path == target:
        return source
    name = os.path.basename(path)
    if target.endswith("/") and path == target + os.path.basename(source):
        return source
    return os.path.join(source, name) if path == target.rstrip("/") + "/" + name else None

"""Settings that images take from environment variables.

The official Valkey image and those of Bitnami append VALKEY_EXTRA_FLAGS (Bitnami's Redis
REDIS_EXTRA_FLAGS) to the command line, redis-stack takes REDIS_ARGS; Bitnami's write some
variables into a configuration file of their own. What an image does not read is no setting.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from redislint.conf.document import Document
from redislint.conf.passage import Passage
from redislint.sources.iac import shell
from redislint.sources.iac.images import Image
from redislint.sources.iac.values import parameter

ORIGIN = "environment"
"""The origin of settings from variables."""

_BITNAMI = {
    "PASSWORD": "requirepass",
    "AOF_ENABLED": "appendonly",
    "PORT_NUMBER": "port",
    "IO_THREADS": "io-threads",
    "ACLFILE": "aclfile",
    "MASTER_PASSWORD": "masterauth",
    "PRIMARY_PASSWORD": "masterauth",
}
"""Last part of the variable -> the directive that Bitnami's scripts write."""

_OWN_FILE = "the image {name} has a configuration file of its own"


class Given(NamedTuple):
    """What the variables of a container add: texts before and after the configuration
    file's, words of the command line, and why there is more that nobody sees."""

    before: tuple[Document, ...] = ()
    after: tuple[Document, ...] = ()
    words: tuple[Passage, ...] = ()
    unseen: str = ""


def settings(image: Image, variables: Mapping[str, Passage]) -> Given:
    """What `variables` set in an image."""
    owner = image.name.rsplit("/", 1)[0] if "/" in image.name else ""
    if owner.endswith("bitnami") or owner.endswith("bitnamilegacy"):
        prefix = "VALKEY_" if image.engine == "valkey" else "REDIS_"
        texts = tuple(
            parameter(directive, variables[prefix + name], origin=ORIGIN)
            for name, directive in _BITNAMI.items()
            if variables.get(prefix + name)
        )
        words = _flags(variables.get(prefix + "EXTRA_FLAGS"))
        return Given(texts, (), words, _OWN_FILE.format(name=image.name))
    if "redis-stack" in image.name:
        words = _flags(variables.get("REDIS_ARGS"))
        return Given((), (), words, _OWN_FILE.format(name=image.name))
    if image.official and image.engine == "valkey":
        return Given(words=_flags(variables.get("VALKEY_EXTRA_FLAGS")))
    return Given()


def _flags(text: Passage | None) -> tuple[Passage, ...]:
    return tuple(shell.words(text)) if text is not None else ()

"""Options and types that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from redislint.cli.errors import did_you_mean

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

_UNITS = {"": 1, "b": 1, "k": 1000, "kb": 1024, "m": 1000**2, "mb": 1024**2, "g": 1000**3}


class Word(click.ParamType[str]):
    """One of some words; an unknown one is answered with the nearest."""

    name = "word"

    def __init__(self, words: Sequence[str]) -> None:
        self.words = tuple(words)

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self.words:
            near = did_you_mean(value, self.words)
            expected = ", expected one of " + ", ".join(self.words)
            self.fail(f"no '{value}'{near or expected}", param, ctx)
        return value

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return "|".join(self.words)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[Any]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(word) for word in self.words if word.startswith(incomplete)]


class Words(Word):
    """A comma-separated list of some words, as a tuple."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        if isinstance(value, tuple):
            return value
        convert = super().convert
        return tuple([convert(word.strip(), param, ctx) for word in value.split(",")])

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return ",".join(self.words)


class Size(click.ParamType[int]):
    """A number of bytes, written as redis.conf writes memory: `8mb`, `500k`, `1000000`."""

    name = "size"

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        if isinstance(value, int):
            return value
        digits = value.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        unit = value[len(digits) :].lower()
        if not (digits.isascii() and digits.isdigit()) or unit not in _UNITS or int(digits) < 1:
            self.fail(f"'{value}' is no size: expected bytes, such as 8mb or 1000000", param, ctx)
        return int(digits) * _UNITS[unit]


server_option = click.option(
    "--server",
    "servers",
    multiple=True,
    metavar="ENGINE-VERSION",
    help="Hold files against this server (redis-7.2, valkey-8.1); repeatable.",
)
"""--server, as texts; `redislint.audit` reads them."""

reading_options: tuple[Decorator, ...] = (
    click.option(
        "--allow-outside",
        is_flag=True,
        help="Follow includes and links that lead out of the repository or folder.",
    ),
    click.option(
        "--max-file-size",
        type=Size(),
        metavar="SIZE",
        help="Largest file to read (default 8mb).",
    ),
)
"""How files are read."""


def with_options(*options: Decorator) -> Decorator:
    """Several options as one decorator, shown in the given order."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate

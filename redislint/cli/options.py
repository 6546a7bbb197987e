"""Options and types that several commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from redislint.cli.errors import CommandError, did_you_mean

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


_LONGEST_NUMBER = 20
"""Characters of a number; what is longer is a mistake."""


def amount(text: str) -> tuple[str, str]:
    """`10s` -> `10` and `s`: what stands before the unit, and the unit in lower case."""
    number = text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return number, text[len(number) :].lower()


class Size(click.ParamType[int]):
    """A number of bytes, written as redis.conf writes memory: `8mb`, `500k`, `1000000`."""

    name = "size"

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        if isinstance(value, int):
            return value
        number, unit = amount(value)
        whole = number.isascii() and number.isdigit() and len(number) < _LONGEST_NUMBER
        if not whole or unit not in _UNITS or int(number) < 1:
            self.fail(f"'{value}' is no size: expected bytes, such as 8mb or 1000000", param, ctx)
        return int(number) * _UNITS[unit]


_SECONDS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_LONGEST_TIME = 86400.0


class Duration(click.ParamType[float]):
    """A time above 0 in seconds, up to a day, written `10s`, `500ms`, `2m` or `10`."""

    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        if isinstance(value, float):
            return value
        number, unit = amount(value)
        whole, _, fraction = number.partition(".")
        digits = f"{whole}{fraction or '0'}"
        plain = digits.isascii() and digits.isdigit() and len(digits) < _LONGEST_NUMBER
        if not plain or unit not in _SECONDS:
            self.fail(f"'{value}' is no time: expected one such as 10s, 500ms or 2m", param, ctx)
        seconds = float(number) * _SECONDS[unit]
        if not 0 < seconds <= _LONGEST_TIME:
            self.fail(f"'{value}' is out of range: expected more than 0, at most 24h", param, ctx)
        return seconds


server_option = click.option(
    "--server",
    "servers",
    multiple=True,
    metavar="ENGINE-VERSION",
    help="Hold files against this server (redis-7.2, valkey-8.1); repeatable.",
)
"""--server, as texts; `redislint.audit` reads them."""

rule_options: tuple[Decorator, ...] = (
    click.option(
        "--profile", metavar="NAME", help="minimal, recommended (the default) or strict rules."
    ),
    click.option(
        "--select", multiple=True, metavar="WORD", help="Only these rules: id, name, tag, RL2."
    ),
    click.option("--ignore", multiple=True, metavar="WORD", help="Not these rules."),
    click.option(
        "--policy", multiple=True, metavar="PATH", help="Further rules: a file or a folder."
    ),
)
"""Which rules are held against the targets."""

no_waivers_option = click.option(
    "--no-waivers", is_flag=True, help="Report what waivers silence, too."
)
fail_on_unknown_option = click.option(
    "--fail-on-unknown", is_flag=True, help="Rules that lack facts fail too."
)
output_option = click.option(
    "--output",
    multiple=True,
    metavar="FORMAT=FILE",
    help="Write a report to a file as well; repeatable.",
)
by_option = click.option(
    "--by",
    multiple=True,
    metavar="NAME",
    help="Prometheus: count by environment, kind, entry, target or a tag, too; repeatable.",
)
color_option = click.option(
    "--color/--no-color", default=None, help="Colour (NO_COLOR, FORCE_COLOR)."
)

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


connection_options: tuple[Decorator, ...] = (
    click.option("--user", metavar="NAME", help="Servers: the user to authenticate as."),
    click.option(
        "--password-file", metavar="FILE", help="Servers: a file whose first line is the password."
    ),
    click.option("--ask-password", is_flag=True, help="Servers: ask for the password."),
    click.option(
        "--tls-ca", metavar="PATH", help="Servers: authorities to trust, a file or a directory."
    ),
    click.option("--tls-cert", metavar="FILE", help="Servers: the client's certificate."),
    click.option("--tls-key", metavar="FILE", help="Servers: the key of that certificate."),
    click.option("--tls-no-verify", is_flag=True, help="Servers: accept any certificate."),
    click.option(
        "--connect-timeout",
        type=Duration(),
        metavar="TIME",
        help="Servers: longest wait for a connection (default 5s).",
    ),
    click.option(
        "--command-timeout",
        type=Duration(),
        metavar="TIME",
        help="Servers: longest wait for one reply (default 10s).",
    ),
    click.option(
        "--timeout",
        type=Duration(),
        metavar="TIME",
        help="Servers: longest time for one server (default 30s).",
    ),
)
"""How running servers are reached; `live_arguments` reads them."""

live_options: tuple[Decorator, ...] = (
    click.option(
        "--interval",
        type=Duration(),
        metavar="TIME",
        help="Servers: read counters twice, so far apart (10s), and judge rates too.",
    ),
    *connection_options,
    click.option(
        "--host",
        metavar="FILE",
        help="Facts of the servers' host, from 'redislint facts host'; 'none' also leaves out"
        " this machine, which servers that run here get by themselves.",
    ),
    click.option(
        "--conf",
        metavar="FILE",
        help="Servers: the file they were started with; what differs from it is told.",
    ),
)
"""How running servers are read and what they are held beside; `live_arguments` reads them."""

dump_option = click.option(
    "--dump-effective",
    metavar="DIR",
    help="Servers: write their effective configuration there, for findings to point at.",
)


def live_arguments(targets: Sequence[str], given: Mapping[str, Any]) -> dict[str, Any]:
    """The options of `live_options`, or some of them, given by parameter name, as
    `redislint.audit` takes them.

    Raises CommandError for options about servers where no target is one.
    """
    from redislint.audit.inputs import is_url

    used = [name for name, value in given.items() if value]
    if not any(map(is_url, targets)):
        if used:
            option = f"--{used[0].replace('_', '-')}"
            raise CommandError(f"{option} needs the URL of a running server, such as redis://host")
        return {}
    from redislint.sources.live.options import LiveOptions, TlsOptions

    if given["ask_password"] and not sys.stdin.isatty():
        raise CommandError("--ask-password needs a terminal: use --password-file")
    if given["tls_key"] and not given["tls_cert"]:
        raise CommandError("--tls-key needs --tls-cert: the certificate that it belongs to")
    authority = given["tls_ca"] or ""
    is_folder = os.path.isdir(authority)
    usual = LiveOptions()
    live = LiveOptions(
        username=given["user"] or "",
        password_file=given["password_file"] or "",
        prompt=_ask if given["ask_password"] else None,
        tls=TlsOptions(
            ca="" if is_folder else authority,
            ca_dir=authority if is_folder else "",
            cert=given["tls_cert"] or "",
            key=given["tls_key"] or "",
            verify=not given["tls_no_verify"],
        ),
        connect_timeout=given["connect_timeout"] or usual.connect_timeout,
        command_timeout=given["command_timeout"] or usual.command_timeout,
        total_timeout=given["timeout"] or usual.total_timeout,
        interval=given.get("interval") or usual.interval,
    )
    beside = ("host", "conf", "dump_effective")
    return {"live": live, **{name: given[name] for name in beside if name in given}}


def _ask(url: str) -> str:
    return str(click.prompt(f"Password for {url}", hide_input=True, err=True))


def with_options(*options: Decorator) -> Decorator:
    """Several options as one decorator, shown in the given order."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate

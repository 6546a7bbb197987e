"""Options of the commands that read managed caches of AWS."""

from __future__ import annotations

import os
from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any

import click

from redislint.cli.errors import CommandError
from redislint.cli.options import Decorator, Duration

cloud_options: tuple[Decorator, ...] = (
    click.option(
        "--aws-profile",
        multiple=True,
        metavar="NAME",
        help="AWS: use this profile; repeatable, one account each.",
    ),
    click.option(
        "--aws-assume-role",
        multiple=True,
        metavar="ARN|FILE",
        help="AWS: audit the account of this role; repeatable, or a file with one ARN a line.",
    ),
    click.option(
        "--aws-external-id", metavar="TEXT", help="AWS: the external id that the roles ask for."
    ),
    click.option(
        "--aws-timeout",
        type=Duration(),
        metavar="TIME",
        help="AWS: longest time for one account and region (default 120s).",
    ),
    click.option(
        "--metrics", is_flag=True, help="AWS: read CloudWatch too, which is billed by metric."
    ),
)
"""How AWS is asked; `cloud_arguments` reads them."""

_NAMES = ("aws_profile", "aws_assume_role", "aws_external_id", "aws_timeout", "metrics")
_MOST_ROLES = 10_000


def cloud_arguments(targets: Sequence[str], given: MutableMapping[str, Any]) -> dict[str, Any]:
    """The options of `cloud_options`, taken out of `given`, as `redislint.audit` takes them.

    Raises CommandError for options about AWS where no target is there.
    """
    from redislint.audit.inputs import is_cloud_url

    values = {name: given.pop(name) for name in _NAMES}
    used = [name for name, value in values.items() if value]
    if not any(map(is_cloud_url, targets)):
        if used:
            option = f"--{used[0].replace('_', '-')}"
            raise CommandError(f"{option} needs managed caches, such as elasticache://eu-west-1")
        return {}
    from redislint.sources.cloud.options import CloudOptions

    roles = tuple(dict.fromkeys(_roles(values["aws_assume_role"])))
    profiles = tuple(dict.fromkeys(values["aws_profile"]))
    if roles and len(profiles) > 1:
        raise CommandError("--aws-assume-role takes one --aws-profile to assume the roles from")
    if values["aws_external_id"] and not roles:
        raise CommandError("--aws-external-id needs --aws-assume-role")
    usual = CloudOptions()
    options = CloudOptions(
        profiles=profiles,
        roles=roles,
        external_id=values["aws_external_id"] or "",
        metrics=values["metrics"],
        timeout=values["aws_timeout"] or usual.timeout,
    )
    return {"cloud": options}


def _roles(given: Sequence[str]) -> Iterator[str]:
    """ARNs, and those that files hold: one a line, `#` begins a comment."""
    for text in given:
        if text.startswith("arn:"):
            yield _role(text, "--aws-assume-role")
            continue
        try:
            with open(text, encoding="utf-8") as file:
                lines = file.read(1 << 20).splitlines()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else "unreadable"
            raise CommandError(
                f"--aws-assume-role {text}: {why.lower()} (expected the ARN of a role or a file)"
            ) from None
        if len(lines) > _MOST_ROLES:
            raise CommandError(f"--aws-assume-role {text}: more than {_MOST_ROLES} lines")
        for number, line in enumerate(lines, 1):
            role = line.partition("#")[0].strip()
            if role:
                yield _role(role, f"{os.path.basename(text)}:{number}")


def _role(text: str, where: str) -> str:
    parts = text.split(":")
    if len(parts) != 6 or parts[2] != "iam" or not parts[5].startswith("role/"):
        raise CommandError(f"{where}: expected arn:aws:iam::ACCOUNT:role/NAME")
    return text

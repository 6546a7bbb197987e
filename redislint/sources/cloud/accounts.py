"""Accounts of AWS: whose credentials are used, and which regions they reach."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from redislint.model import AuditError
from redislint.sources.cloud import calls
from redislint.sources.cloud.address import EVERY_REGION, CloudUrl
from redislint.sources.cloud.errors import CloudError, LateError, of_exception, one_line
from redislint.sources.cloud.options import CloudOptions
from redislint.sources.cloud.side import side_by_side

FALLBACK_REGION = "us-east-1"
"""Where STS and EC2 are asked when neither the URL nor the environment names a region."""


@dataclass(slots=True)
class Account:
    """One account of AWS and how to sign for it. `keys` is what `Session.client` takes."""

    id: str
    partition: str
    session: Any = field(repr=False)
    options: CloudOptions
    keys: dict[str, str] = field(default_factory=dict, repr=False)
    _lock: Any = field(default_factory=threading.Lock, repr=False)

    def client(self, service: str, region: str, deadline: float) -> Any:
        """A new client of one service and region. It sends nothing after `deadline`."""
        from botocore.config import Config

        options = self.options
        config = Config(
            connect_timeout=options.connect_timeout,
            read_timeout=options.read_timeout,
            max_pool_connections=options.side_by_side + 2,
            retries={"mode": "standard", "total_max_attempts": options.attempts},
            user_agent_extra="redislint",
        )
        with self._lock:  # making clients is not safe in threads, using them is
            client = self.session.client(service, region_name=region, config=config, **self.keys)

        def stop(**_: Any) -> None:
            if time.monotonic() > deadline:
                raise LateError

        client.meta.events.register("before-send", stop)
        return client


def open_accounts(
    options: CloudOptions, region: str, errors: list[AuditError]
) -> tuple[Account, ...]:
    """Every account that the options name, identified. `region` is where STS is asked.

    An account that cannot be used is appended to `errors`.
    """
    bases = options.profiles or ("",)
    tasks = [lambda name=name: _base(name, options, region) for name in bases]
    tasks = tasks[:1] if options.roles else tasks
    deadline = time.monotonic() + options.timeout
    found = list(_accepted(tasks, bases, options, deadline, errors))
    if not options.roles or not found:
        return tuple(found)
    base = found[0]
    assumed = [lambda arn=arn: _assume(base, arn, region, deadline) for arn in options.roles]
    return tuple(_accepted(assumed, options.roles, options, deadline, errors))


def _accepted(
    tasks: Any, names: tuple[str, ...], options: CloudOptions, deadline: float, errors: Any
) -> Iterator[Account]:
    seen = set()
    for name, result in zip(names, side_by_side(tasks, options.places, deadline), strict=False):
        if isinstance(result, Account):
            if result.id not in seen:
                seen.add(result.id)
                yield result
            continue
        said = _reason(result, options)
        shown = f"AWS profile {name}" if name and not name.startswith("arn:") else name
        errors.append(AuditError(one_line(shown or "AWS account"), said.stage, said.message))


def _reason(error: Any, options: CloudOptions) -> CloudError:
    if isinstance(error, CloudError):
        return error
    if isinstance(error, LateError):
        return CloudError("credentials", f"no answer of AWS STS within {options.timeout:g} s")
    return of_exception(error, str(calls.CALLER), calls.CALLER.action)


def _base(profile: str, options: CloudOptions, region: str) -> Account:
    import boto3
    from botocore.exceptions import BotoCoreError, ProfileNotFound

    try:
        session = boto3.Session(profile_name=profile or None)
    except ProfileNotFound:
        known = ", ".join(sorted(boto3.Session().available_profiles)[:10]) or "none"
        raise CloudError(
            "credentials", f"the AWS configuration has no such profile (it has: {known})"
        ) from None
    except BotoCoreError as error:
        raise CloudError("credentials", one_line(str(error))) from None
    account = Account("", "", session, options)
    deadline = time.monotonic() + options.timeout
    answer = account.client("sts", region, deadline).get_caller_identity()
    account.id, account.partition = answer["Account"], _partition(answer["Arn"])
    return account


def _assume(base: Account, arn: str, region: str, deadline: float) -> Account:
    external = {"ExternalId": base.options.external_id} if base.options.external_id else {}
    client = base.client("sts", region, deadline)
    try:
        answer = client.assume_role(RoleArn=arn, RoleSessionName="redislint", **external)
    except LateError:
        raise
    except Exception as error:
        raise of_exception(error, str(calls.ASSUME_ROLE), calls.ASSUME_ROLE.action) from None
    keys = answer["Credentials"]
    caller = answer["AssumedRoleUser"]["Arn"]
    return Account(
        caller.split(":")[4],
        _partition(caller),
        base.session,
        base.options,
        {
            "aws_access_key_id": keys["AccessKeyId"],
            "aws_secret_access_key": keys["SecretAccessKey"],
            "aws_session_token": keys["SessionToken"],
        },
    )


def _partition(arn: str) -> str:
    """aws, aws-cn, aws-us-gov, ...: the second part of every ARN."""
    return arn.split(":")[1]


def home_region(urls: tuple[CloudUrl, ...]) -> str:
    """Where to ask STS: the first region that a URL names, else that of the environment."""
    import os

    named = [region for url in urls for region in url.regions if region != EVERY_REGION]
    environment = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return next(iter(named), environment or FALLBACK_REGION)


def regions_of(
    account: Account, url: CloudUrl, home: str, deadline: float
) -> tuple[tuple[str, ...], str]:
    """The regions that a URL means in an account, and a notice ("" = none).

    Raises CloudError where they cannot be told.
    """
    if url.regions != (EVERY_REGION,):
        return url.regions, ""
    try:
        answer = account.client("ec2", home, deadline).describe_regions()
    except LateError:
        raise CloudError("region", "no answer about the enabled regions in time") from None
    except Exception as error:
        raise of_exception(error, str(calls.REGIONS), calls.REGIONS.action) from None
    enabled = sorted(region["RegionName"] for region in answer["Regions"])
    offered = set(account.session.get_available_regions(url.service, account.partition))
    if url.service == "elasticache":
        return tuple(enabled), ""
    absent = [region for region in enabled if region not in offered]
    notice = f"{url.service} is not offered in {', '.join(absent)}, as far as boto3 knows"
    return tuple(region for region in enabled if region in offered), notice if absent else ""

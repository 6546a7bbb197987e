"""How AWS is asked: which accounts, how patiently, and what beyond the configuration."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CloudOptions:
    """Options of the cloud source. Times are seconds.

    `profiles` name profiles of the AWS configuration, each an account of its own; none means
    what the environment gives. `roles` are ARNs of roles to assume from there, one for each
    account; the account of the caller itself is then not read. `external_id` goes with every
    one of them. `metrics` also reads CloudWatch, which costs money for each metric.

    `timeout` bounds one account and region from its first call to its last answer.
    `connect_timeout` and `read_timeout` bound one attempt of one call, of which there are at
    most `attempts`, by botocore's standard retries.
    """

    profiles: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    external_id: str = field(default="", repr=False)
    metrics: bool = False
    timeout: float = 120.0
    connect_timeout: float = 5.0
    read_timeout: float = 20.0
    attempts: int = 6
    side_by_side: int = 8
    """Lists of one account and region that are read at the same time."""
    places: int = 8
    """Accounts and regions that are read at the same time."""

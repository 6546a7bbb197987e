"""From URLs to targets: every account, service and region, side by side."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence

from redislint import catalog
from redislint.model import AuditError
from redislint.sources.cloud.accounts import Account, home_region, open_accounts, regions_of
from redislint.sources.cloud.address import CloudUrl, parse_url
from redislint.sources.cloud.errors import CloudError, one_line
from redislint.sources.cloud.options import CloudOptions
from redislint.sources.cloud.reading import CloudTarget, Reading
from redislint.sources.cloud.side import side_by_side
from redislint.sources.cloud.unit import Unit


def read_urls(texts: Sequence[str], options: CloudOptions) -> Reading:
    """Everything behind some URLs. What cannot be read is in `Reading.errors`."""
    errors: list[AuditError] = []
    urls = tuple(_parsed(texts, errors))
    if not urls:
        return Reading(errors=tuple(errors))
    home = home_region(urls)
    notices: list[str] = []
    accounts = open_accounts(options, home, errors)
    units = [
        unit
        for account in accounts
        for unit in _units(account, urls, home, options, errors, notices)
    ]
    targets: dict[str, CloudTarget] = {}
    results = side_by_side([unit.read for unit in units], options.places)
    for unit, result in zip(units, results, strict=True):
        if isinstance(result, Exception):
            errors.append(AuditError(unit.title, "read", _unforeseen(result)))
            continue
        errors.extend(result.errors)
        notices.extend(result.notices)
        for found in result.targets:
            targets.setdefault(found.target.id, found)
    notices.extend(_beyond(targets.values()))
    return Reading(tuple(targets.values()), tuple(errors), tuple(dict.fromkeys(notices)))


def _beyond(found: Iterable[CloudTarget]) -> Iterator[str]:
    """Versions that were not measured, and what they are judged by."""
    for server in sorted({one.target.server for one in found}):
        if not catalog.is_measured(server):
            near = catalog.measured(server)
            yield f"{server} was not measured; it is judged by what {near} knows"


def _parsed(texts: Sequence[str], errors: list[AuditError]) -> Iterator[CloudUrl]:
    for text in dict.fromkeys(texts):
        try:
            yield parse_url(text)
        except CloudError as error:
            errors.append(AuditError(one_line(text), error.stage, error.message))


def _units(
    account: Account,
    urls: Sequence[CloudUrl],
    home: str,
    options: CloudOptions,
    errors: list[AuditError],
    notices: list[str],
) -> Iterator[Unit]:
    """What is to be read in an account, each service and region once."""
    wanted: dict[tuple[str, str], list[str]] = {}
    for url in urls:
        try:
            deadline = time.monotonic() + options.timeout
            regions, notice = regions_of(account, url, home, deadline)
        except CloudError as error:
            title = f"{url.uri} account {account.id}"
            errors.append(AuditError(title, error.stage, error.message))
            continue
        notices.extend([notice] if notice else [])
        for region in regions:
            wanted.setdefault((url.service, region), []).append(url.name)
    for (service, region), names in wanted.items():
        chosen = () if "" in names else tuple(dict.fromkeys(names))
        yield Unit(account, service, region, options, chosen)


def _unforeseen(error: Exception) -> str:
    """An answer of another form than the API has: its kind and place, no content."""
    trace = error.__traceback__
    line = 0
    while trace is not None:
        line, trace = trace.tb_lineno, trace.tb_next
    return f"AWS answered something unexpected ({type(error).__name__}, line {line})"

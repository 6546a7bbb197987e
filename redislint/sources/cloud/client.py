"""Calls within one account and region: every page, within the time, errors as one line."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Any

from redislint.sources.cloud.accounts import Account
from redislint.sources.cloud.calls import Call
from redislint.sources.cloud.errors import CloudError, LateError, of_exception

_FOREIGN = re.compile(r"\s*text/html", re.IGNORECASE)


class Api:
    """What asks AWS in one account and region, with one client for each service.

    `deadline` is of `time.monotonic`.
    """

    def __init__(self, account: Account, region: str, deadline: float) -> None:
        self.account = account
        self.region = region
        self.deadline = deadline
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let go of all connections."""
        with self._lock:
            for client in self._clients.values():
                client.close()

    def _client(self, service: str) -> Any:
        with self._lock:
            found = self._clients.get(service)
            if found is None:
                found = self.account.client(service, self.region, self.deadline)
                self._clients[service] = found
            return found

    def pages(self, call: Call, **parameters: Any) -> Iterator[dict[str, Any]]:
        """Every page of a list, as it is answered. Raises CloudError and LateError."""
        client = self._client(call.service)
        method = _method(call.operation)
        config = {"PageSize": call.page} if call.page else {}
        try:
            paginator = client.get_paginator(method)
            for page in paginator.paginate(PaginationConfig=config, **parameters):
                _check(page, call)
                yield page
        except (CloudError, LateError):
            raise
        except Exception as error:
            # botocore raises errors of many kinds, its parsers those of Python as well.
            raise of_exception(error, str(call), call.action) from None

    def all(self, call: Call, **parameters: Any) -> list[dict[str, Any]]:
        """Every entry of a list."""
        found: list[dict[str, Any]] = []
        for page in self.pages(call, **parameters):
            found.extend(page.get(call.key) or ())
        return found


def _check(page: dict[str, Any], call: Call) -> None:
    """A page of a gateway can pass for an empty list; it has no id of the request."""
    about = page.get("ResponseMetadata") or {}
    kind = about.get("HTTPHeaders", {}).get("content-type", "")
    if _FOREIGN.match(kind) or not about.get("RequestId"):
        raise CloudError(
            "read",
            f"{call}: the answer is not one of AWS (a proxy or gateway may stand between)",
        
)


def _method(operation: str) -> str:
    """DescribeCacheClusters -> describe_cache_clusters, as boto3 names its methods."""
    from botocore import xform_name

    return str(xform_name(operation))

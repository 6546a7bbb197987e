"""Calls within one account and region: every page, within the time, errors as one line."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from typing import Any

from redislint.sources.cloud.accounts import Account
from redislint.sources.cloud.calls import Call
from redislint.sources.cloud.errors import NO_ANSWER, CloudError, LateError, of_exception

_OF_A_GATEWAY = re.compile(rb"\s*<(?:!doctype|html)", re.IGNORECASE)


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
                found.meta.events.register("before-parse", check_answer)
                self._clients[service] = found
            return found

    def pages(self, call: Call, **parameters: Any) -> Iterator[dict[str, Any]]:
        """Every page of a list, as it is answered. Raises CloudError and LateError."""
        client = self._client(call.service)
        method = _method(call.operation)
        config = {"PageSize": call.page} if call.page else {}
        try:
            paginator = client.get_paginator(method)
            yield from paginator.paginate(PaginationConfig=config, **parameters)
        except CloudError as error:
            raise CloudError(error.stage, f"{call}: {error.message}") from None
        except LateError:
            raise
        except Exception as error:
            # botocore raises errors of many kinds, its parsers those of Python as well.
            raise of_exception(error, str(call), call.action) from None

    def one(self, call: Call, **parameters: Any) -> dict[str, Any]:
        """What a call without pages answers about one thing."""
        client = self._client(call.service)
        try:
            answer = getattr(client, _method(call.operation))(**parameters)
        except CloudError as error:
            raise CloudError(error.stage, f"{call}: {error.message}") from None
        except LateError:
            raise
        except Exception as error:
            raise of_exception(error, str(call), call.action) from None
        return answer.get(call.key) or {}

    def all(self, call: Call, **parameters: Any) -> list[dict[str, Any]]:
        """Every entry of a list."""
        found: list[dict[str, Any]] = []
        for page in self.pages(call, **parameters):
            found.extend(page.get(call.key) or ())
        return found


def check_answer(response_dict: dict[str, Any], **_: Any) -> None:
    """Raise CloudError for what passes for an empty list in botocore's parsers, though it is
    no answer of AWS or only a part of one: the page of a gateway, half a document."""
    if response_dict["status_code"] >= 300:
        return
    body, headers = response_dict["body"], response_dict["headers"]
    promised = headers.get("content-length", "")
    if promised.isdigit() and not headers.get("content-encoding") and len(body) < int(promised):
        raise CloudError("read", "the answer was cut off")
    kind = headers.get("content-type", "")
    if "html" in kind or _OF_A_GATEWAY.match(body):
        raise CloudError("read", NO_ANSWER)
    if "json" in kind:
        try:
            json.loads(body or b"{}")
        except ValueError:
            raise CloudError("read", NO_ANSWER) from None


def _method(operation: str) -> str:
    """DescribeCacheClusters -> describe_cache_clusters, as boto3 names its methods."""
    from botocore import xform_name

    return str(xform_name(operation))

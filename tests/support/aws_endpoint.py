"""An endpoint of AWS on the loopback interface, speaking its wire protocols.

Query (XML), EC2's variant of it, and JSON 1.0 and 1.1, whichever the client chose. Answers are
plain dictionaries, serialised along the output shapes of botocore's own service models: a key
that a model does not know raises, so that fixtures cannot drift from the API.
"""

from __future__ import annotations

import datetime
import json
import sys
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

import botocore.session

_SIGNING_NAMES = {"monitoring": "cloudwatch", "tagging": "resourcegroupstaggingapi"}
SERVICES = (
    "elasticache", "memorydb", "cloudwatch", "sts", "ec2", "kms", "resourcegroupstaggingapi",
)  # fmt: skip
_session = botocore.session.get_session()
MODELS = {name: _session.get_service_model(name) for name in SERVICES}


class Seen(NamedTuple):
    """One request: flat parameters for query protocols, as sent for JSON."""

    service: str
    operation: str
    parameters: dict[str, Any]
    key: str
    region: str


class AwsError(Exception):
    """An error that the endpoint answers."""

    def __init__(self, code: str, message: str = "", status: int = 400) -> None:
        super().__init__(code)
        self.code, self.message, self.status = code, message, status


class Raw(Exception):
    """Anything but an answer of AWS: a body of its own kind, cut off after `sent` bytes, or
    held back for `seconds`."""

    def __init__(
        self, body: bytes = b"", kind: str = "text/html", status: int = 200,
        sent: int | None = None, seconds: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(kind)
        self.body, self.kind, self.status = body, kind, status
        self.sent, self.seconds = sent, seconds


Handler = Callable[[Seen], dict[str, Any]]


class Endpoint:
    """Serves `handler` until closed. `seen` has every request, `busy` the seconds that the
    answers took, summed. `latency` is waited before each answer."""

    def __init__(self, handler: Handler, latency: float = 0.0) -> None:
        self.handler = handler
        self.latency = latency
        self.seen: list[Seen] = []
        self.problems: list[str] = []
        self.busy = 0.0
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _request_class(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self) -> Endpoint:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def counts(self) -> Counter[str]:
        """Requests by service and operation."""
        return Counter(f"{one.service} {one.operation}" for one in self.seen)

    def note(self, seen: Seen) -> None:
        with self._lock:
            self.seen.append(seen)

    def took(self, seconds: float) -> None:
        with self._lock:
            self.busy += seconds

    def environment(self, key: str = "AKIAEXAMPLE000000001") -> dict[str, str]:
        """What points the real command line here and nowhere else."""
        names = ("ELASTICACHE", "MEMORYDB", "CLOUDWATCH", "STS", "EC2", "KMS",
                 "RESOURCE_GROUPS_TAGGING_API")  # fmt: skip
        return {
            **{f"AWS_ENDPOINT_URL_{name}": self.url for name in names},
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMIsecretEXAMPLEKEY00000000000",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing of clients that gave up: that would be in some later test's output."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def _request_class(endpoint: Endpoint) -> type[BaseHTTPRequestHandler]:
    class Request(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            begun = time.monotonic()
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            seen = _read(self.headers, body)
            endpoint.note(seen)
            if endpoint.latency:
                time.sleep(endpoint.latency)
            protocol = _protocol(self.headers, seen.service)
            try:
                answer = endpoint.handler(seen)
                status, kind, data = 200, *serialise(seen.service, seen.operation, answer, protocol)
            except AwsError as error:
                status = error.status
                kind, data = _error(error, protocol)
            except Raw as raw:
                self._raw(raw)
                return
            except Exception as error:  # a broken fixture must not look like an answer
                endpoint.problems.append(f"{seen.service} {seen.operation}: {error!r}")
                status, kind, data = 400, *_error(AwsError("BrokenFixture", repr(error)), protocol)
            self._send(status, kind, data)
            endpoint.took(time.monotonic() - begun)

        def _send(self, status: int, kind: str, data: bytes, promised: int = 0) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(promised or len(data)))
            if "html" not in kind:
                self.send_header("x-amzn-RequestId", "5ebeaa05-0000-4000-8000-000000000000")
            self.end_headers()
            self.wfile.write(data)

        def _raw(self, raw: Raw) -> None:
            if raw.seconds:
                time.sleep(raw.seconds)
            cut = raw.body if raw.sent is None else raw.body[: raw.sent]
            self._send(raw.status, raw.kind, cut, len(raw.body))
            self.close_connection = True

    return Request


def _read(headers: Any, body: bytes) -> Seen:
    """The scope of the signature says service and region, the body the operation."""
    scope = headers.get("Authorization", "").partition("Credential=")[2].partition(",")[0]
    key, _, region, signing, _ = scope.split("/")
    service = _SIGNING_NAMES.get(signing, signing)
    target = headers.get("X-Amz-Target")
    if target:
        return Seen(service, target.rpartition(".")[2], json.loads(body or b"{}"), key, region)
    form = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
    operation = form.pop("Action")
    form.pop("Version")
    return Seen(service, operation, form, key, region)


def _protocol(headers: Any, service: str) -> str:
    if headers.get("X-Amz-Target"):
        return "json"
    return "ec2" if service == "ec2" else "query"


def serialise(
    service: str, operation: str, answer: dict[str, Any], protocol: str
) -> tuple[str, bytes]:
    """Content type and body. Raises KeyError for a member that the model does not know."""
    model = MODELS[service]
    shape: Any = model.operation_model(operation).output_shape
    if protocol == "json":
        version = model.metadata.get("jsonVersion", "1.1")
        return f"application/x-amz-json-{version}", json.dumps(_json(shape, answer)).encode()
    name = shape.serialization.get("resultWrapper", f"{operation}Result")
    inner = _xml(shape, answer, name)
    if protocol == "ec2":
        inner = inner.removeprefix(f"<{name}>").removesuffix(f"</{name}>")
        text = f"<{operation}Response>{inner}<requestId>r-1</requestId></{operation}Response>"
    else:
        text = (
            f'<{operation}Response xmlns="{model.metadata["xmlNamespace"]}">{inner}'
            f"<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></{operation}Response>"
        )
    return "text/xml", text.encode()


def _error(error: AwsError, protocol: str) -> tuple[str, bytes]:
    if protocol == "json":
        text = json.dumps({"__type": error.code, "message": error.message})
        return "application/x-amz-json-1.1", text.encode()
    inner = f"<Code>{error.code}</Code><Message>{escape(error.message)}</Message>"
    if protocol == "ec2":
        text = (
            f"<Response><Errors><Error>{inner}</Error></Errors><RequestID>r</RequestID></Response>"
        )
    else:
        text = (
            f"<ErrorResponse><Error><Type>Sender</Type>{inner}</Error>"
            "<RequestId>r-1</RequestId></ErrorResponse>"
        )
    return "text/xml", text.encode()


def _members(shape: Any, value: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    strange = set(value) - set(shape.members)
    if strange:
        raise KeyError(f"{shape.name} has no member {', '.join(sorted(strange))}")
    return [(key, shape.members[key], item) for key, item in value.items() if item is not None]


def _xml(shape: Any, value: Any, name: str) -> str:
    kind = shape.type_name
    if kind == "structure":
        parts = [
            _xml(member, item, member.serialization.get("name", key))
            for key, member, item in _members(shape, value)
        ]
        return f"<{name}>{''.join(parts)}</{name}>"
    if kind == "list":
        item_name = shape.member.serialization.get("name", "member")
        flattened = shape.serialization.get("flattened")
        inner = "".join(_xml(shape.member, v, name if flattened else item_name) for v in value)
        return inner if flattened else f"<{name}>{inner}</{name}>"
    if kind == "boolean":
        value = {True: "true", False: "false"}[value]
    elif kind == "timestamp":
        value = _time(value).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    elif kind in ("integer", "long"):
        value = int(value)
    elif not isinstance(value, str):
        raise KeyError(f"{shape.name} is text, not {value!r}")
    return f"<{name}>{escape(str(value))}</{name}>"


def _json(shape: Any, value: Any) -> Any:
    kind = shape.type_name
    if kind == "structure":
        return {
            member.serialization.get("name", key): _json(member, item)
            for key, member, item in _members(shape, value)
        }
    if kind == "list":
        return [_json(shape.member, item) for item in value]
    if kind == "timestamp":
        return _time(value).timestamp()
    return value


def _time(value: Any) -> datetime.datetime:
    """A time from itself, seconds since 1970, or ISO text; always with its zone."""
    if isinstance(value, (int, float)):
        return datetime.datetime.fromtimestamp(value, datetime.UTC)
    if isinstance(value, str):
        value = datetime.datetime.fromisoformat(value)
    assert isinstance(value, datetime.datetime)
    return value if value.tzinfo else value.replace(tzinfo=datetime.UTC)

"""The one line that is said when AWS cannot be read."""

from __future__ import annotations

import re
from typing import Any

_LONGEST = 300
NO_ANSWER = "the answer is not one of AWS (a proxy or gateway may stand between)"
_SECRETS = re.compile(
    r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{8,}\b"
    r"|(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40,}={0,2}(?![A-Za-z0-9/+=])"
)
"""Access key ids, and what is long enough to be a key or a session token."""

DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "UnauthorizedOperation",
        "NotAuthorized",
    }
)
"""The caller's policy does not allow the call."""
NOT_HERE = frozenset(
    {
        "AuthFailure",
        "InvalidClientTokenId",
        "OptInRequired",
        "SubscriptionRequiredException",
        "UnrecognizedClientException",
    }
)
"""The region is not enabled for the account, or the key is not known at all."""
THROTTLED = frozenset(
    {
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})


class CloudError(Exception):
    """Why something could not be read: one line without a secret.

    `stage` is what was being done: url, credentials, region, read. `code` is the code of
    AWS's own error, "" where there is none.
    """

    def __init__(self, stage: str, message: str, code: str = "") -> None:
        super().__init__(message)
        self.stage = stage
        self.message = message
        self.code = code


class LateError(Exception):
    """The time for an account and region is over."""


def one_line(text: str) -> str:
    """Text of AWS as it may be shown: one line, without keys and tokens, not too long."""
    line = _SECRETS.sub("[redacted]", " ".join(text.split()))
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "\u2026"


def of_exception(error: Exception, call: str, action: str) -> CloudError:
    """What an exception of boto3 means. `call` is `elasticache DescribeUsers`, `action` what
    IAM calls the permission for it."""
    code = error_code(error)
    if code in DENIED:
        return CloudError("read", f"{call} is denied: allow {action}", code)
    if code in NOT_HERE:
        hint = "the region is not enabled for this account, or the access key is not valid"
        return CloudError("region", f"{call}: {hint} ({code})", code)
    if code in EXPIRED:
        return CloudError("credentials", f"{call}: the credentials have expired ({code})", code)
    if code in THROTTLED:
        return CloudError("read", f"{call} is throttled without end ({code})", code)
    if code:
        said = one_line(_message(error))
        return CloudError("read", f"{call} failed: {code}{': ' if said else ''}{said}", code)
    stage = "credentials" if type(error).__name__ in _OF_CREDENTIALS else "read"
    return CloudError(stage, f"{call}: {_without_code(error)}")


def error_code(error: Exception) -> str:
    """The code of an error that AWS answered; "" for any other exception."""
    return one_line(str(_answer(error).get("Code") or ""))


def _message(error: Exception) -> str:
    return str(_answer(error).get("Message") or "")


def _answer(error: Exception) -> dict[str, Any]:
    response = getattr(error, "response", None)
    found = response.get("Error") if isinstance(response, dict) else None
    return found if isinstance(found, dict) else {}


_OF_CREDENTIALS = (
    "NoCredentialsError",
    "PartialCredentialsError",
    "CredentialRetrievalError",
    "ProfileNotFound",
)


def _without_code(error: Exception) -> str:
    """Errors of the way to AWS and back, by the name that botocore gives them."""
    kind = type(error).__name__
    said = {
        "ConnectTimeoutError": "no connection in time",
        "ReadTimeoutError": "no answer in time",
        "EndpointConnectionError": "no connection to the endpoint",
        "ConnectionClosedError": "the connection was closed before an answer came",
        "ResponseStreamingError": "the answer was cut off",
        "IncompleteReadError": "the answer was cut off",
        "ProtocolError": "the answer was cut off",
        "AttributeError": NO_ANSWER,
        "KeyError": NO_ANSWER,
        "TypeError": NO_ANSWER,
        "ValueError": NO_ANSWER,
        "ResponseParserError": NO_ANSWER,
        "NoCredentialsError": "there are no AWS credentials: set AWS_PROFILE or name --aws-profile",
        "ProfileNotFound": "the AWS configuration has no such profile",
        "PartialCredentialsError": "the AWS credentials are not complete",
        "CredentialRetrievalError": "the AWS credentials could not be fetched",
        "ProxyConnectionError": "no connection to the proxy",
        "SSLError": "the certificate of the endpoint was not accepted",
        "PaginationError": "the answer names the same next page twice",
    }.get(kind)
    return said or f"{kind}: {one_line(str(error))}"

"""The real command line against an endpoint on the loopback interface."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.cli.conftest import Outcome, environment
from tests.support.aws_endpoint import Endpoint

_OURS = ("AWS_", "REDISLINT_")


@dataclass
class Aws:
    """Runs `redislint` as a process that can reach `endpoint` and nothing else of AWS."""

    root: Path
    folder: Path
    endpoint: Endpoint
    seconds: float = field(default=0.0)

    def run(self, *args: str, env: Mapping[str, str] | None = None, timeout: int = 60) -> Outcome:
        clean = {k: v for k, v in environment(self.root).items() if not k.startswith(_OURS)}
        extra = {**self.endpoint.environment(), "HOME": str(self.folder), **(env or {})}
        begun = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "redislint", *args],
            capture_output=True,
            cwd=self.folder,
            env={**clean, **extra},
            timeout=timeout,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        self.seconds = time.monotonic() - begun
        assert self.endpoint.problems == []
        out, err = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
        for secret in ("AKIA", "ASIA", "SecretEXAMPLE", "secretEXAMPLE", "SessionToken"):
            assert secret not in out + err
        assert "Traceback" not in err
        return Outcome(done.returncode, out, err)

    def report(self, *args: str, code: int | None = None, **options: Any) -> dict[str, Any]:
        """The JSON report of `check`, or of `facts`."""
        outcome = self.run(*args, "--format", "json", **options)
        assert code is None or outcome.code == code, outcome.err or outcome.out[-2000:]
        found: dict[str, Any] = json.loads(outcome.out)
        return found

    def facts(self, *args: str, **options: Any) -> dict[str, dict[str, Any]]:
        """Facts by path, for each target by its name."""
        report = self.report("facts", *args, **options)
        return {
            target["facts"]["cloud.name"]["value"]: {
                path: fact["value"] for path, fact in target["facts"].items()
            }
            for target in report["targets"]
        }

"""Build hook: the built-in policies go into the wheel compiled as well.

What `redislint check` would compile and cache on its first run (about a second) is done
here once. The file is found by a hash of the policies, so that it can never be a stale one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_COMPILE = "from redislint.policy.library import builtin; builtin()"


class CompiledPolicies(BuildHookInterface[BuilderConfig]):
    """Adds `redislint/policies/builtin-HASH.json` to a wheel (not to an editable install)."""

    _folder: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "standard":
            return
        self._folder = tempfile.TemporaryDirectory()
        environment = {
            **os.environ,
            "REDISLINT_CACHE_DIR": self._folder.name,
            # An isolated build finds its own requirements through this variable.
            "PYTHONPATH": os.pathsep.join([self.root, os.environ.get("PYTHONPATH", "")]),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        subprocess.run([sys.executable, "-c", _COMPILE], check=True, env=environment)
        for file in Path(self._folder.name).glob("builtin-*.json"):
            build_data["force_include"][str(file)] = f"redislint/policies/{file.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if self._folder is not None:
            self._folder.cleanup()

"""The hooks as a user gets them: real pre-commit, installing from a clone of this repository."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

MANIFEST = ".pre-commit-hooks.yaml"

RULES = """\
rules:
  - id: ACME001
    name: acme-unlimited-memory
    severity: error
    summary: no limit on the memory
    require: config["maxmemory"] > 0
    at: [maxmemory]
    message: maxmemory is not set
    help: Every server of ours shares its machine with others.
    examples:
      - fails: maxmemory 0
        at: 1
      - passes: maxmemory 2gb
"""

COMPOSE = """\
services:
  cache:
    image: redis:7.2
    command: redis-server --apendonly yes
"""
CHART = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-redis}
data:
  redis.conf: |
    maxmemory {{ .Values.memory }}
    apendonly yes
"""

needs_pre_commit = pytest.mark.skipif(
    importlib.util.find_spec("pre_commit") is None, reason="needs pre-commit: it is not installed"
)


@pytest.fixture(scope="module")
def hooks(root: Path) -> dict[str, dict[str, Any]]:
    listed = YAML(typ="safe").load((root / MANIFEST).read_text(encoding="utf-8"))
    return {hook["id"]: hook for hook in listed}


def takes(hook: dict[str, Any], path: str) -> bool:
    """Whether pre-commit hands a file of that path to the hook."""
    left_out = "exclude" in hook and re.search(hook["exclude"], path)
    return re.search(hook["files"], path) is not None and not left_out


@pytest.mark.parametrize(
    "path",
    [
        "redis.conf",
        "deploy/redis.conf",
        "redis-7000.conf",
        "my-redis.prod.conf",
        "REDIS.CONF",
        "redis.windows-service.conf",
        "conf.d/redis.conf",
        "monitoring/redis.conf",
        "redis.conf.example",
        "valkey.conf",
        "etc/valkey/valkey-cache.conf",
        "sentinel.conf",
        "redis-sentinel.1.conf",
        "sentinel-26379.conf",
        "users.acl",
        "conf/acl/users-prod.acl",
        "redis.acl",
    ],
)
def test_files_that_are_checked(hooks: dict[str, dict[str, Any]], path: str) -> None:
    assert takes(hooks["redislint"], path)


@pytest.mark.parametrize(
    "path",
    [
        "nginx.conf",
        "redis.md",
        "redis/nginx.conf",
        "redis.conf.j2",
        "redis.conf/values.yaml",
        "docs/redis-conf.txt",
        "essentinel.conf",
        "src/redis_conf.py",
        "haproxy.acl",
        "etc/sysctl.d/60-redis.conf",
        "etc/tmpfiles.d/redis.conf",
        "supervisor/conf.d/redis.conf",
        "supervisord.d/redis.conf",
        "nginx/redis.conf",
    ],
)
def test_files_that_are_not_bothered(hooks: dict[str, dict[str, Any]], path: str) -> None:
    assert not takes(hooks["redislint"], path)


def test_corpus_files_named_after_the_product_are_checked(
    hooks: dict[str, dict[str, Any]], shared: Path
) -> None:
    product = re.compile(r"(redis|valkey|sentinel)[^/]*\.conf$|\.acl$", re.IGNORECASE)
    entries = json.loads((shared / "corpus" / "INDEX.json").read_text(encoding="utf-8"))
    for entry in entries:
        named = entry["category"] == "redis-conf" and product.search(entry["path"])
        assert takes(hooks["redislint"], entry["path"]) == bool(named), entry["path"]


def test_policy_files_start_the_policy_test(hooks: dict[str, dict[str, Any]]) -> None:
    hook = hooks["redislint-policy-test"]
    assert takes(hook, "policies/team.yaml")
    assert takes(hook, "policies/memory/limits.yml")
    assert not takes(hook, "kubernetes/policies/network.yaml")
    assert not takes(hook, "policies/README.md")


def documented(root: Path) -> list[str]:
    """The pre-commit configurations of the documentation."""
    text = (root / "docs" / "pre-commit.md").read_text(encoding="utf-8")
    return re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_documented_hooks_take_documented_arguments(
    root: Path, hooks: dict[str, dict[str, Any]]
) -> None:
    used = [
        hook
        for text in documented(root)
        for hook in YAML(typ="safe").load(text)["repos"][0]["hooks"]
    ]
    assert {hook["id"] for hook in used} == set(hooks)
    for hook in used:
        _, *command = hooks[hook["id"]]["entry"].split()
        result = subprocess.run(
            [sys.executable, "-m", "redislint", *command, *hook.get("args", []), "--help"],
            cwd=root,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert result.returncode == 0, result.stderr


@needs_pre_commit
def test_documented_configurations_are_valid(root: Path, tmp_path: Path) -> None:
    paths = []
    for number, text in enumerate(documented(root)):
        paths.append(tmp_path / f"{number}.yaml")
        paths[-1].write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pre_commit", "validate-config", *map(str, paths)]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@needs_pre_commit
def test_manifest_is_valid(root: Path) -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(root / MANIFEST)]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@dataclass(frozen=True)
class User:
    """Somebody's repository, in a home directory of their own."""

    folder: Path
    home: Path

    def run(self, command: Sequence[str], cwd: Path | None = None) -> str:
        """What the command says, both streams. Raises CalledProcessError."""
        return subprocess.run(
            command,
            cwd=cwd or self.folder,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=300,
            check=True,
        ).stdout

    def git(self, *arguments: str, cwd: Path | None = None) -> str:
        return self.run(["git", *arguments], cwd).strip()

    def write(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        self.git("add", path)

    def hook(self, name: str, code: int) -> str:
        """The output of one hook on all files; it must end with `code`."""
        command = [sys.executable, "-m", "pre_commit", "run", "--all-files", name]
        try:
            output, actual = self.run(command), 0
        except subprocess.CalledProcessError as error:
            output, actual = error.stdout, error.returncode
        assert actual == code, output
        return output

    def _environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("GIT_", "PRE_COMMIT", "PYTHON", "VIRTUAL_ENV"))
        }
        return {
            **kept,
            "HOME": str(self.home),
            "XDG_CACHE_HOME": str(self.home / ".cache"),
            "PRE_COMMIT_HOME": str(self.home / "pre-commit"),
            "PRE_COMMIT_COLOR": "never",
        }


@pytest.fixture
def user(tmp_path: Path) -> User:
    somebody = User(tmp_path / "repository", tmp_path / "home")
    somebody.folder.mkdir()
    somebody.home.mkdir()
    (somebody.home / ".gitconfig").write_text(
        "[user]\nname = Somebody\nemail = somebody@example.org\n[safe]\ndirectory = *\n"
    )
    somebody.git("init", "--quiet")
    return somebody


def clone(root: Path, user: User, place: Path) -> str:
    """Clone HEAD, with the manifest as it stands in the working tree; the revision."""
    user.git("clone", "--quiet", "--no-hardlinks", str(root), str(place))
    shutil.copy(root / MANIFEST, place)
    user.git("add", MANIFEST, cwd=place)
    user.git("commit", "--quiet", "--allow-empty", "--message", "hooks", cwd=place)
    return user.git("rev-parse", "HEAD", cwd=place)


@pytest.mark.slow
@needs_pre_commit
def test_hooks_in_a_repository(root: Path, user: User, tmp_path: Path) -> None:
    if not (root / ".git").exists():
        pytest.skip("needs a git checkout to clone: this copy is none")
    revision = clone(root, user, tmp_path / "clone")
    user.write(
        ".pre-commit-config.yaml",
        f"repos: [{{repo: {tmp_path / 'clone'}, rev: {revision}, hooks:"
        " [{id: redislint, args: [--output, json=report.json]}, {id: redislint-policy-test},"
        " {id: redislint-infrastructure, args: [--select, syntax]},"
        " {id: redislint, alias: by-names, files: 'ya?ml$'}]}]\n",
    )
    user.write("nginx.conf", "worker_processes 1;\n")
    user.write("supervisor/conf.d/redis.conf", "[program:redis]\ncommand=redis-server\n")

    assert "(no files to check)Skipped" in user.hook("redislint", 0)
    assert "(no files to check)Skipped" in user.hook("redislint-policy-test", 0)

    user.write("values.yaml", "image: nginx\n")
    for name in ("redislint-infrastructure", "by-names"):
        output = user.hook(name, 0)
        assert "Passed" in output, "a repository without a server fails no hook"

    user.write("deploy/compose.yml", COMPOSE)
    user.write("charts/cache/templates/configmap.yaml", CHART)
    output = user.hook("redislint-infrastructure", 1)
    assert "deploy/compose.yml:4:" in output
    assert "charts/cache/templates/configmap.yaml:7:5" in output
    assert "deploy/compose.yml:4:" in user.hook("by-names", 1)
    user.write("deploy/compose.yml", COMPOSE.replace("apendonly", "appendonly"))
    user.write("charts/cache/templates/configmap.yaml", CHART.replace("apendonly", "appendonly"))
    assert "Passed" in user.hook("redislint-infrastructure", 0)

    mistaken = (root / "examples" / "redis.conf").read_text(encoding="utf-8")
    for number in range(20):
        user.write(f"deploy/redis-{number}.conf", mistaken)
    output = user.hook("redislint", 1)
    assert "did you mean 'appendonly'?" in output
    assert "deploy/redis-0.conf:22:1" in output
    assert "nginx" not in output
    assert "supervisor" not in output
    report = json.loads((user.folder / "report.json").read_text(encoding="utf-8"))
    assert len(report["targets"]) == 20

    clean = (root / "examples" / "redis-clean.conf").read_text(encoding="utf-8")
    for number in range(20):
        user.write(f"deploy/redis-{number}.conf", clean)
    assert "Passed" in user.hook("redislint", 0)

    user.write("policies/acme.yaml", RULES)
    assert "Passed" in user.hook("redislint-policy-test", 0)
    user.write("policies/acme.yaml", RULES.replace("maxmemory 2gb", "maxmemory 0"))
    assert "policies/acme.yaml:13: ACME001" in user.hook("redislint-policy-test", 1)

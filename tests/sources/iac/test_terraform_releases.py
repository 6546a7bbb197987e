"""What Terraform hands on: charts' values, Kubernetes objects, files; and files of variables."""

from __future__ import annotations

from typing import Any

import pytest

from redislint.audit.run import check
from tests.sources.iac.conftest import Make, Repository

RELEASE = """\
variable "size" {}

resource "helm_release" "cache" {
  chart      = "redis"
  repository = "https://charts.bitnami.com/bitnami"

  values = [
    file("${path.module}/values.yaml"),
    <<-EOT
      commonConfiguration: |
        maxmemory-policy allkeys-lru
        hz ${var.size}
    EOT
    ,
    yamlencode({
      auth   = { enabled = false }
      master = { extraFlags = ["--maxmemory 1gb"], persistence = { enabled = true, size = "8Gi" } }
    }),
  ]

  set {
    name  = "master.configuration"
    value = "timeout 5"
  }
}
"""
VALUES = "architecture: standalone\nmaster:\n  disableCommands: [KEYS]\n"
NAME = "helm_release.cache.master"


def known(found: Repository, name: str) -> dict[str, Any]:
    return {path: fact.value for path, fact in found.target(name).facts.items()}


def test_values_of_a_release_from_everywhere(repository: Make) -> None:
    found = repository({"main.tf": RELEASE, "values.yaml": VALUES})
    assert found.spanned(NAME) == [
        ("maxmemory-policy", "allkeys-lru"),
        ("hz", "${var.size}"),
        ("timeout", "5"),
        ("rename-command", "KEYS"),
        ("maxmemory", "1gb"),
    ]
    assert found.settings(NAME)[1] == ("hz", "?")
    told = known(found, NAME)
    assert told["exposure.no_password"] is True
    assert told["disk.total"] == 8 << 30
    assert found.target(NAME).id == f"main.tf#{NAME}"


def test_findings_in_a_heredoc_stand_at_the_word(repository: Make) -> None:
    text = RELEASE.replace("allkeys-lru", "allkeys-lur")
    repository({"main.tf": text, "values.yaml": VALUES})
    found = {f.rule: f.span for f in check(server="redis-7.2").findings}
    assert found["RL106"] is not None
    assert (found["RL106"].line, found["RL106"].column) == (11, 26)
    assert found["RL401"] is not None
    assert (found["RL401"].line, found["RL401"].column) == (16, 28)


def test_settings_as_a_list_and_passwords(repository: Make) -> None:
    text = (
        'resource "helm_release" "cache" {\n  chart = "redis"\n'
        '  set = [{ name = "auth.password", value = "hunter2hunter2" },\n'
        '         { name = "master.extraFlags[0]", value = "x" }]\n'
        '  set_sensitive {\n    name = "auth.enabled"\n    value = var.on\n  }\n}\n'
    )
    found = repository({"main.tf": text})
    assert [name for name, _ in found.settings("helm_release.cache")] == ["requirepass"]
    assert "hunter2" not in repr(found.report)
    assert "exposure.no_password" not in known(found, "helm_release.cache")


@pytest.mark.parametrize(
    "values",
    ["var.values", "[var.values]", '["a: ["]', "[file(var.f)]", '["- redis"]', "[1, null]", "[[]]"],
)
def test_values_that_nobody_can_read(repository: Make, values: str) -> None:
    text = f'resource "helm_release" "redis" {{\n  chart = "redis"\n  values = {values}\n}}\n'
    found = repository({"main.tf": text})
    assert found.report.targets == ()
    assert found.report.errors == ()


MANIFEST = """\
resource "kubernetes_config_map" "conf" {
  metadata { name = "redis-conf" }
  data = {
    "redis.conf" = <<-EOT
      appendonly yes
      maxmemory 1gb
    EOT
  }
}

resource "kubernetes_stateful_set_v1" "redis" {
  metadata { name = "redis" }
  spec {
    template {
      spec {
        container {
          name  = "redis"
          image = "redis:7.2.5"
          args  = ["/etc/redis/redis.conf", "--maxmemory-policy", "allkeys-lru"]
          resources { limits = { memory = "2Gi" } }
          volume_mount {
            name       = "conf"
            mount_path = "/etc/redis"
          }
          volume_mount {
            name       = "data"
            mount_path = "/data"
          }
        }
        volume {
          name = "conf"
          config_map { name = kubernetes_config_map.conf.metadata[0].name }
        }
        volume {
          name = "data"
          empty_dir {}
        }
      }
    }
  }
}
"""


def test_a_workload_in_blocks_and_its_config_map_are_one_target(repository: Make) -> None:
    found = repository({"main.tf": MANIFEST})
    assert [t.id for t in found.report.targets] == ["main.tf#StatefulSet/redis/redis"]
    assert found.spanned("StatefulSet/redis/redis") == [
        ("appendonly", "yes"),
        ("maxmemory", "1gb"),
        ("maxmemory-policy", "allkeys-lru"),
    ]
    target = found.target("StatefulSet/redis/redis")
    assert str(target.server) == "redis-7.2.5"
    told = known(found, "StatefulSet/redis/redis")
    assert told["host.cgroup_memory_max"] == 2 << 30
    assert told["disk.volatile"] is True


def test_a_config_map_that_nothing_mounts_is_a_target(repository: Make) -> None:
    text = MANIFEST.replace("kubernetes_config_map.conf.metadata[0].name", '"other"')
    found = repository({"main.tf": text})
    assert sorted(t.id for t in found.report.targets) == [
        "main.tf#StatefulSet/redis/redis",
        "main.tf#kubernetes_config_map.conf.redis.conf",
    ]


def test_objects_as_manifests_and_as_text(repository: Make) -> None:
    text = (
        'resource "kubernetes_manifest" "redis" {\n  manifest = {\n'
        '    apiVersion = "v1"\n    kind = "Pod"\n    metadata = { name = "a" }\n'
        '    spec = { containers = [{ name = "r", image = "redis:7.2", '
        'args = ["--maxmemory", "1gb"] }] }\n  }\n}\n'
        'resource "kubectl_manifest" "other" {\n  yaml_body = <<YAML\n'
        "apiVersion: v1\nkind: Pod\nmetadata: {name: b}\nspec:\n  containers:\n"
        '  - {name: r, image: "redis:7.2", args: [--maxmemory, 2gb]}\nYAML\n}\n'
    )
    found = repository({"main.tf": text})
    assert found.spanned("Pod/a/r") == [("maxmemory", "1gb")]
    assert found.spanned("Pod/b/r") == [("maxmemory", "2gb")]
    assert {t.facts["target.kind"].value for t in found.report.targets} == {"terraform"}


def entry(value: str) -> str:
    return (
        f'resource "kubernetes_config_map" "c" {{\n  data = {{ "redis.conf" = {value} }}\n}}\n'
        'variable "size" { default = "1gb" }\n'
    )


def test_a_configuration_from_a_file(repository: Make) -> None:
    files = {"a/main.tf": entry('file("${path.module}/redis.conf")'), "a/redis.conf": CONF}
    found = repository(files)
    assert found.spanned("kubernetes_config_map.c.redis.conf") == [
        ("maxmemory", "1gb"),
        ("appendonly", "yes"),
    ]


CONF = "maxmemory 1gb\nappendonly yes\n"
TEMPLATE = (
    "maxmemory ${size}\nport ${ports[0]}\n%{ if big ~}\nhz 50\n%{ else ~}\nhz 10\n%{ endif ~}\n"
)


def test_a_configuration_from_a_template(repository: Make) -> None:
    value = 'templatefile("./redis.conf.tftpl", { size = var.size })'
    found = repository({"main.tf": entry(value), "redis.conf.tftpl": TEMPLATE})
    name = "kubernetes_config_map.c.redis.conf"
    assert found.spanned(name) == [
        ("maxmemory", "${size}"),
        ("port", "${ports[0]}"),
        ("hz", "50"),
        ("hz", "10"),
    ]
    assert [known for _, known in found.settings(name)] == ["1073741824", "?", "50", "10"]
    own = found.report.targets[-1]
    assert own.id == "redis.conf.tftpl"
    assert [(s.name, s.known) for s in own.settings] == [
        ("maxmemory", False),
        ("port", False),
        ("hz", True),
        ("hz", True),
    ]


@pytest.mark.parametrize("path", ["/etc/passwd", "../../../../etc/passwd", "missing", ""])
def test_files_out_of_bounds_are_not_read(repository: Make, path: str) -> None:
    found = repository({"main.tf": entry(f'file("{path}")')})
    assert found.report.targets == ()


def test_modules_know_their_folder(repository: Make) -> None:
    files = {
        "main.tf": '# redis\nmodule "m" {\n  source = "./modules/cache"\n}\n',
        "modules/cache/main.tf": entry('file("${path.module}/redis.conf")'),
        "modules/cache/redis.conf": CONF,
    }
    found = repository(files)
    assert ("maxmemory", "1gb") in found.spanned("module.m.kubernetes_config_map.c.redis.conf")

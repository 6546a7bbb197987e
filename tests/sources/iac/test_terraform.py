"""Terraform files: which settings and facts they come to, and where."""

from __future__ import annotations

from typing import Any

import pytest

from redislint.audit.run import check
from redislint.model import REDACTED
from tests.sources.iac.conftest import Make, Repository

GROUP = """\
resource "aws_elasticache_parameter_group" "cache" {
  name   = "cache-params"
  family = "redis7"

  parameter {
    name  = "maxmemory-policy"
    value = "noeviction"
  }
  parameter {
    name  = "timeout"
    value = 300
  }
}
"""
CACHE = """\
resource "aws_elasticache_replication_group" "cache" {
  replication_group_id = "cache"
  engine_version       = "7.1"
  node_type            = "cache.r7g.large"
  num_cache_clusters   = 2
  parameter_group_name = aws_elasticache_parameter_group.cache.name
}
"""
RG = "aws_elasticache_replication_group.cache"
PG = "aws_elasticache_parameter_group.cache"


def facts(found: Repository, name: str) -> dict[str, Any]:
    return {path: fact.value for path, fact in found.target(name).facts.items()}


def group(body: str, more: str = "") -> str:
    return f'resource "aws_elasticache_parameter_group" "cache" {{\n{body}\n}}\n{more}'


def parameter(value: str, more: str = "") -> str:
    text = f'  family = "redis7"\n  parameter {{\n    name = "timeout"\n    value = {value}\n  }}'
    return group(text, more)


def test_a_group_and_its_cache_are_one_target(repository: Make) -> None:
    found = repository({"group.tf": GROUP, "cache.tf": CACHE})
    assert [t.id for t in found.report.targets] == [f"cache.tf#{RG}"]
    assert found.settings(RG) == [
        ("engine_version", "7.1"),
        ("node_type", "cache.r7g.large"),
        ("num_cache_clusters", "2"),
        ("parameter_group_name", "cache-params"),
        ("family", "redis7"),
        ("maxmemory-policy", "noeviction"),
        ("timeout", "300"),
    ]
    assert found.spanned(RG)[3:] == [
        ("parameter_group_name", f"{PG}.name"),
        ("family", "redis7"),
        ("maxmemory-policy", "noeviction"),
        ("timeout", "300"),
    ]
    told = facts(found, RG)
    assert told["cloud.parameter_family"] == "redis7"
    assert told["cloud.replicas"] == 1
    assert told["memory.eviction"] == "nothing"
    assert str(found.target(RG).server) == "redis-7.1"


@pytest.mark.parametrize(
    "name",
    [
        '"cache-params"',
        f"{PG}.id",
        f'"${{{PG}.name}}"',
        f"{PG}.name",
    ],
)
def test_how_a_cache_names_its_group(repository: Make, name: str) -> None:
    cache = CACHE.replace(f"{PG}.name", name)
    found = repository({"main.tf": GROUP + cache})
    assert len(found.report.targets) == 1
    assert ("timeout", "300") in found.settings(RG)


def test_a_group_that_nothing_uses_is_a_target(repository: Make) -> None:
    found = repository({"main.tf": GROUP + CACHE.replace(f"{PG}.name", '"other"')})
    assert {t.id.partition("#")[2] for t in found.report.targets} == {RG, PG}
    assert facts(found, PG)["cloud.resource"] == "parameter-group"
    unknown = found.target(RG).unknown
    assert unknown['config["timeout"]'] == (
        "the parameter group other is not declared in these files"
    )


@pytest.mark.parametrize(
    ("value", "more", "text", "place"),
    [
        ("30", "", "30", "30"),
        ('"30"', "", "30", "30"),
        ("var.t", 'variable "t" {\n  default = 30\n}', "30", "var.t"),
        ('"${var.t}"', 'variable "t" {\n  default = 30\n}', "30", "${var.t}"),
        ('"${var.t}0"', 'variable "t" {\n  default = 3\n}', "30", "${var.t}0"),
        ("local.t", "locals {\n  t = 10 * 3\n}", "30", "local.t"),
        ('local.t["x"]', "locals {\n  t = { x = 30 }\n}", "30", 'local.t["x"]'),
        ("local.t.x", 'locals {\n  t = merge({ x = 1 }, { "x" : 30 })\n}', "30", "local.t.x"),
        ("local.b", "locals {\n  a = 30\n  b = local.a\n}", "30", "local.b"),
        ("true ? 30 : 20", "", "30", "30"),
        ('lookup({ a = 30 }, "a", 1)', "", "30", 'lookup({ a = 30 }, "a", 1)'),
        ("coalesce(null, 30)", "", "30", "coalesce(null, 30)"),
        ('tonumber("30")', "", "30", 'tonumber("30")'),
        ('try(var.t.x, "30")', 'variable "t" {\n  default = {}\n}', "30", 'try(var.t.x, "30")'),
        ("[for x in [10, 30] : x if x > 20][0]", "", "30", "[for x in [10, 30] : x if x > 20][0]"),
        ('{ for k, v in { a = 30 } : upper(k) => v }["A"]', "", "30",
         '{ for k, v in { a = 30 } : upper(k) => v }["A"]'),
        ("length([1, 2]) + 28", "", "30", "length([1, 2]) + 28"),
    ],
)  # fmt: skip
def test_values_that_the_files_decide(
    repository: Make, value: str, more: str, text: str, place: str
) -> None:
    found = repository({"main.tf": parameter(value, more)})
    assert ("timeout", text) in found.settings(PG)
    if value not in ("true ? 30 : 20",) and not value.startswith(("[for", "{ for", "length")):
        assert ("timeout", place) in found.spanned(PG)


@pytest.mark.parametrize(
    ("value", "more", "why"),
    [
        ("var.t", 'variable "t" {}', "variable t has no default"),
        ("var.t", "", "variable t is not declared in these files"),
        ("local.t", "", "local t is not declared in these files"),
        ("local.a", "locals {\n  a = local.b\n  b = local.a\n}", "local.a needs itself"),
        ("data.aws_ssm_parameter.t.value", "", "data.aws_ssm_parameter.t.value is known after"),
        ("module.m.timeout", "", "module.m.timeout is not known"),
        ("file(\"t\")", "", "the file t is not in these files"),
        ("terraform.workspace", "", "terraform.workspace is known to Terraform alone"),
        ("var.p ? var.t : local.t", 'variable "p" {}', "its branches differ, and a condition"),
        ("var.t", 'variable "t" {\n default = 1\n sensitive = true\n}', "variable t is sensitive"),
    ],
)  # fmt: skip
def test_values_that_they_do_not_decide(repository: Make, value: str, more: str, why: str) -> None:
    found = repository({"main.tf": parameter(value, more)})
    assert ("timeout", "?") in found.settings(PG)
    assert ("timeout", value) in found.spanned(PG)
    assert found.target(PG).unknown['config["timeout"]'].startswith(why)


def test_values_of_variables_by_file(repository: Make) -> None:
    found = repository(
        {
            "main.tf": parameter("var.t"),
            "variables.tf": 'variable "t" {\n  default = 1\n}\n',
            "terraform.tfvars": "t = 2\n",
            "a.auto.tfvars": "t = 3\n",
            "b.auto.tfvars": "t = 4\n",
            "other.tfvars": "t = 5\n",
        }
    )
    assert ("timeout", "4") in found.settings(PG)


@pytest.mark.parametrize(
    "dynamic",
    [
        'for_each = { timeout = 30 }\n content {\n name = parameter.key\n'
        ' value = parameter.value\n }',
        'for_each = [{ name = "timeout", value = 30 }]\n content {\n name = parameter.value.name\n'
        ' value = parameter.value["value"]\n }',
        "for_each = local.all\n iterator = each_one\n content {\n name = each_one.value.name\n"
        " value = each_one.value.value\n }",
        "for_each = { for p in local.all : p.name => p }\n content {\n name = parameter.key\n"
        " value = parameter.value.value\n }",
    ],
)  # fmt: skip
def test_dynamic_blocks_point_at_the_values(repository: Make, dynamic: str) -> None:
    text = group(
        f'family = "redis7"\n dynamic "parameter" {{\n {dynamic}\n }}',
        'locals {\n  all = [{ name = "timeout", value = 30 }]\n}\n',
    )
    found = repository({"main.tf": text})
    assert found.settings(PG) == [("family", "redis7"), ("timeout", "30")]
    assert found.spanned(PG)[1] == ("timeout", "30")


def test_a_dynamic_block_over_what_is_not_known_hides_the_rest(repository: Make) -> None:
    text = group(
        'family = "redis7"\n dynamic "parameter" {\n for_each = var.all\n content {\n'
        " name = parameter.key\n value = parameter.value\n }\n }",
        'variable "all" {}\n',
    )
    found = repository({"main.tf": text})
    assert found.settings(PG) == [("family", "redis7"), ("parameter", "?")]
    assert "variable all has no default" in found.target(PG).unknown['config["timeout"]']


def test_instances(repository: Make) -> None:
    each = CACHE.replace("{\n", "{\n  for_each = { a = 1, b = 3 }\n", 1)
    each = each.replace("= 2\n", "= each.value\n").replace(f"{PG}.name", '"default.redis7"')
    found = repository({"main.tf": each})
    assert [t.id.partition("#")[2] for t in found.report.targets] == [f'{RG}["a"]', f'{RG}["b"]']
    assert ("num_cache_clusters", "3") in found.settings(f'{RG}["b"]')
    assert ("num_cache_clusters", "3") in found.spanned(f'{RG}["b"]')


def test_instances_that_are_all_alike_are_one_target(repository: Make) -> None:
    each = CACHE.replace("{\n", '{\n  for_each = toset(["a", "b"])\n', 1)
    each_group = GROUP.replace("{\n", '{\n  for_each = toset(["a", "b"])\n', 1)
    each = each.replace(".cache.name", ".cache[each.key].name")
    found = repository({"main.tf": each + each_group})
    assert [t.id for t in found.report.targets] == [f"main.tf#{RG}"]
    assert ("timeout", "300") in found.settings(RG)


def test_a_count_of_zero_makes_nothing(repository: Make) -> None:
    none = CACHE.replace("{\n", "{\n  count = var.on ? 1 : 0\n", 1)
    found = repository({"main.tf": none + 'variable "on" {\n  default = false\n}\n'})
    assert found.report.targets == ()


def test_memcached_is_passed_over(repository: Make) -> None:
    text = (
        'resource "aws_elasticache_cluster" "m" {\n  engine = "memcached"\n}\n'
        'resource "aws_elasticache_parameter_group" "m" {\n  family = "memcached1.6"\n}\n'
    )
    assert repository({"redis.tf": text}).report.targets == ()


def test_credentials_are_hidden_everywhere(repository: Make) -> None:
    secret = CACHE.replace("{\n", '{\n  auth_token = "hunter2hunter2"\n', 1)
    users = (
        'resource "aws_elasticache_user" "u" {\n  user_id = "u"\n  user_name = "u"\n'
        '  engine = "REDIS"\n  access_string = "on ~* +@all"\n'
        '  passwords = [\n    "hunter2hunter3",\n  ]\n}\n'
    )
    found = repository({"main.tf": secret + users})
    assert ("auth_token", REDACTED) in found.settings(RG)
    assert ("passwords", REDACTED) in found.settings("aws_elasticache_user.u")
    assert "hunter2" not in repr(found.report)
    report = check(["main.tf"])
    assert report.findings
    assert "hunter2" not in repr(report)


@pytest.mark.parametrize(
    "text",
    [
        'variable "t" {\n  default = "hunter2"\n}\n'
        'resource "aws_elasticache_replication_group" "a" {\n  auth_token = var.t\n}\n',
        'resource "aws_elasticache_replication_group" "a" { auth_token = "hunter2${var.t}" }\n',
        'resource "aws_elasticache_user" "u" { access_string = "on >hunter2 ~* +@all" }\n',
        'module "m" {\n  source = "terraform-aws-modules/elasticache/aws//modules/user-group"\n'
        '  users = { a = { passwords = ["hunter2"], access_string = "on" } }\n}\n',
        'resource "aws_elasticache_cluster" "c" {\n  engine = "redis"\n  auth_token = <<EOT\n'
        "hunter2\nEOT\n}\n",
        'module "n" {\n  source = "cloudposse/elasticache-redis/aws"\n'
        '  auth_token = join("", ["hunter2"])\n}\n',
    ],
)
def test_no_form_of_a_credential_is_shown(repository: Make, text: str) -> None:
    found = repository({"redis.tf": text})
    assert found.report.targets
    report = check(["redis.tf"])
    assert "hunter2" not in repr((found.report, report, dict(report.texts)))


def test_users_of_a_group_are_known_where_they_are_declared(repository: Make) -> None:
    users = """\
resource "aws_elasticache_user" "default" {
  user_id       = "default-off"
  user_name     = "default"
  engine        = "REDIS"
  access_string = "off ~* -@all"
  authentication_mode {
    type = "no-password-required"
  }
}
resource "aws_elasticache_user" "app" {
  user_id       = "app"
  user_name     = "app"
  engine        = "REDIS"
  access_string = "on ~app:* +@read +@write"
  passwords     = [random_password.app.result]
}
resource "aws_elasticache_user_group" "cache" {
  user_group_id = "cache"
  engine        = "REDIS"
  user_ids      = [aws_elasticache_user.default.user_id, aws_elasticache_user.app.user_id]
}
"""
    cache = CACHE.replace(
        "{\n", "{\n  user_group_ids = [aws_elasticache_user_group.cache.user_group_id]\n", 1
    )
    found = repository({"main.tf": users + cache})
    told = facts(found, RG)
    assert [(u["name"], u["on"], u["login"]) for u in told["cloud.users"]] == [
        ("app", True, "password"),
        ("default", False, "none"),
    ]
    assert told["cloud.access"] == "password"
    assert ("user_group_ids", "cache") in found.settings(RG)


def test_a_literal_token_is_told_from_one_that_is_kept_elsewhere(repository: Make) -> None:
    token = "  auth_token = random_password.cache.result\n  transit_encryption_enabled = true\n"
    found = repository({"main.tf": CACHE.replace("{\n", "{\n" + token, 1)})
    told = facts(found, RG)
    assert told["cloud.auth_token"] is True
    assert told["cloud.auth_token_literal"] is False
    assert told["cloud.access"] == "password"


def test_files_that_declare_the_same_are_read_alone(repository: Make) -> None:
    one = 'variable "t" {\n  default = 1\n}\n'
    found = repository(
        {"a.tf": parameter("var.t", one), "b.tf": one, "c.tf": GROUP.replace('"cache"', '"c"')}
    )
    assert ("timeout", "1") in found.settings(PG)
    assert len(found.report.targets) == 2


def test_override_files(repository: Make) -> None:
    override = (
        'resource "aws_elasticache_replication_group" "cache" {\n  engine_version = "7.0"\n}\n'
    )
    found = repository({"main.tf": CACHE, "x_override.tf": override})
    assert ("engine_version", "7.0") in found.settings(RG)


LOCAL_CALL = """\
module "redis" {
  source = "./modules/redis"
  policy = "allkeys-lru"
}
"""
LOCAL_MODULE = group(
    'family = "redis7"\n  parameter {\n    name = "maxmemory-policy"\n    value = var.policy\n  }',
    'variable "policy" {\n  default = "noeviction"\n}\n',
)


def test_a_local_module_gets_what_its_caller_passes(repository: Make) -> None:
    found = repository({"main.tf": LOCAL_CALL, "modules/redis/main.tf": LOCAL_MODULE})
    assert [t.id for t in found.report.targets] == [f"modules/redis/main.tf#module.redis.{PG}"]
    assert ("maxmemory-policy", "allkeys-lru") in found.settings(f"module.redis.{PG}")


def test_modules_that_call_themselves_end(repository: Make) -> None:
    again = "".join(f'module "m{n}" {{\n  source = "./"\n}}\n' for n in range(40))
    found = repository({"redis.tf": GROUP + again})
    assert found.report.targets
    assert not found.report.errors


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        (
            'source = "terraform-aws-modules/elasticache/aws"\n  engine_version = "7.1"\n'
            '  parameter_group_family = "redis7"\n'
            '  parameters = [{\n    name = "latency-tracking"\n    value = "yes"\n  }]',
            [
                ("engine_version", "7.1"),
                ("parameter_group_family", "redis7"),
                ("latency-tracking", "yes"),
            ],
        ),
        (
            'source = "cloudposse/elasticache-redis/aws"\n  cluster_size = 2\n  family = "redis7"\n'
            '  parameter = [{ name = "timeout", value = "30" }]',
            [("cluster_size", "2"), ("family", "redis7"), ("timeout", "30")],
        ),
        (
            'source = "terraform-aws-modules/memory-db/aws"\n  tls_enabled = false\n'
            '  parameter_group_parameters = [{ name = "timeout", value = "30" }]',
            [("tls_enabled", "false"), ("timeout", "30")],
        ),
        (
            'source = "umotif-public/elasticache-redis/aws"\n  family = "redis6.x"\n'
            '  parameter = [{ name = "timeout", value = "30" }]',
            [("family", "redis6.x"), ("timeout", "30")],
        ),
        (
            'source = "terraform-google-modules/memorystore/google"\n  tier = "BASIC"\n'
            '  redis_configs = { maxmemory-policy = "allkeys-lru" }',
            [("tier", "BASIC"), ("maxmemory-policy", "allkeys-lru")],
        ),
    ],
)
def test_inputs_of_common_modules(
    repository: Make, module: str, expected: list[tuple[str, str]]
) -> None:
    found = repository({"redis.tf": f'module "cache" {{\n  {module}\n}}\n'})
    assert found.settings("module.cache") == expected
    assert found.spanned("module.cache") == expected


def test_google_and_azure(repository: Make) -> None:
    text = """\
resource "google_redis_instance" "g" {
  tier          = "STANDARD_HA"
  redis_version = "REDIS_6_X"
  redis_configs = {
    maxmemory-policy = "allkeys-lru"
    "notify-keyspace-events" = "Ex"
  }
  persistence_config {
    persistence_mode = "RDB"
  }
}
resource "azurerm_redis_cache" "a" {
  sku_name = "Premium"
  redis_configuration {
    maxmemory_policy      = "volatile-lru"
    maxmemory_reserved    = 642
    enable_authentication = false
    rdb_storage_connection_string = "AccountKey=abc"
  }
}
"""
    found = repository({"redis.tf": text})
    google, azure = "google_redis_instance.g", "azurerm_redis_cache.a"
    assert found.settings(google) == [
        ("tier", "STANDARD_HA"),
        ("redis_version", "REDIS_6_X"),
        ("maxmemory-policy", "allkeys-lru"),
        ("notify-keyspace-events", "Ex"),
        ("persistence_mode", "RDB"),
    ]
    assert str(found.target(google).server) == "redis-6.0"
    assert found.settings(azure) == [
        ("sku_name", "Premium"),
        ("maxmemory_policy", "volatile-lru"),
        ("maxmemory_reserved", "642"),
        ("enable_authentication", "false"),
        ("rdb_storage_connection_string", REDACTED),
    ]
    assert "AccountKey" not in repr(found.report)
    assert found.target(azure).settings[1].canonical == "maxmemory-policy"
    assert facts(found, azure)["memory.eviction"] == "volatile"
    assert facts(found, azure)["cloud.access"] == "open"


def test_json(repository: Make) -> None:
    text = """\
{"variable": {"t": {"default": 30}},
 "resource": {"aws_elasticache_parameter_group": {"cache": {
  "family": "redis7",
  "parameter": [{"name": "timeout", "value": "${var.t}"},
                {"name": "maxmemory-policy", "value": "noeviction"}],
  "tags": {"a": "b"}}}}}
"""
    found = repository({"redis.tf.json": text})
    assert found.settings(PG) == [
        ("family", "redis7"),
        ("timeout", "30"),
        ("maxmemory-policy", "noeviction"),
    ]
    assert [place for _, place in found.spanned(PG)] == ["redis7", "${var.t}", "noeviction"]


def test_inputs_of_a_module_in_json(repository: Make) -> None:
    text = (
        '{"module": {"cache": {"source": "cloudposse/elasticache-redis/aws", "family": "redis7",'
        ' "parameter": [{"name": "timeout", "value": "30"}]}}}\n'
    )
    found = repository({"redis.tf.json": text})
    assert found.settings("module.cache") == [("family", "redis7"), ("timeout", "30")]


def test_places_are_counted_in_characters(repository: Make) -> None:
    found = repository({"main.tf": parameter('/* é € */ "30"')})
    assert ("timeout", "30") in found.spanned(PG)


@pytest.mark.parametrize(
    "broken",
    [
        "resource {\n",
        'resource "x" "y" {\n  a = = 1\n}\n',
        "resource \"x\" \"y\" {\n  a = \"unclosed\n}\n",
        "}}}}\n",
    ],
)  # fmt: skip
def test_a_broken_file_is_read_as_far_as_it_goes(repository: Make, broken: str) -> None:
    found = repository({"main.tf": GROUP + broken})
    assert ("timeout", "300") in found.settings(PG)
    (error,) = found.report.errors
    assert error.target == "main.tf"
    assert error.message.startswith("line ")
    assert error.message.endswith("the rest was read")


@pytest.mark.parametrize(
    "hostile",
    [
        "x = " + "[" * 20_000 + "]" * 20_000,
        "locals {\n  a = " + "(" * 5000 + "1" + ")" * 5000 + "\n}",
        'locals {\n  a0 = "xxxxxxxxxx"\n'
        + "".join(f'  a{n + 1} = "${{local.a{n}}}${{local.a{n}}}"\n' for n in range(60))
        + "}",
        "locals {\n  a0 = [1]\n"
        + "".join(f"  a{n + 1} = concat(local.a{n}, local.a{n})\n" for n in range(60))
        + "}",
        "locals {\n  a = 1" + " + 1" * 5000 + "\n}",
        "locals {\n  a = local.a0\n"
        + "".join(f"  a{n} = local.a{n + 1}\n" for n in range(3000))
        + "}",
        "locals {\n  a = [for i in range(100000) : [for j in range(100000) : i * j]]\n}",
    ],
)
def test_hostile_expressions_end(repository: Make, hostile: str) -> None:
    text = parameter("local.a60", hostile) if "a60" in hostile else parameter("local.a", hostile)
    found = repository({"main.tf": text})
    assert ("timeout", "?") in found.settings(PG)


def test_findings_point_at_the_attribute(repository: Make) -> None:
    repository({"main.tf": CACHE.replace("{\n", "{\n  snapshot_retention_limit = 0\n", 1)})
    report = check(["main.tf"])
    (finding,) = [f for f in report.findings if f.rule == "RL901"]
    assert finding.span is not None
    assert (finding.span.line, finding.span.column) == (2, 30)
    assert finding.excerpt is not None
    assert finding.excerpt.text == "  snapshot_retention_limit = 0"


def test_a_finding_about_what_is_absent_points_at_the_resource(repository: Make) -> None:
    repository({"main.tf": "\n" + CACHE})
    (finding,) = [f for f in check(["main.tf"]).findings if f.rule == "RL901"]
    assert finding.span is not None
    assert finding.span.line == 2


def test_pragmas_waivers_and_tags(repository: Make) -> None:
    text = "# redislint: workload=cache\n" + CACHE
    repository({"main.tf": text})
    report = check(["main.tf"])
    assert report.targets[0].workload == "cache"
    assert not [f for f in report.findings if f.rule == "RL201"]


def test_a_tag_declares_the_workload(repository: Make) -> None:
    tags = '{\n  tags = { "redislint:workload" = "cache" }\n'
    repository({"main.tf": CACHE.replace("{\n", tags, 1)})
    report = check(["main.tf"])
    assert not report.errors
    assert report.targets[0].facts["workload.name"].value == "cache"


SECURITY_GROUP = """\
resource "aws_security_group" "cache" {
  ingress {
    from_port   = 6379
    to_port     = 6379
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]
  }
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["192.0.2.0/24"]
  }
}
"""
IN_GROUP = CACHE.replace("{\n", "{\n  security_group_ids = [aws_security_group.cache.id]\n", 1)


def test_security_groups_beside_a_cache(repository: Make) -> None:
    found = repository({"main.tf": IN_GROUP + SECURITY_GROUP})
    told = facts(found, RG)
    assert told["cloud.ingress"] == ["0.0.0.0/0", "10.0.0.0/8"]
    assert told["cloud.ingress_anywhere"] == ["0.0.0.0/0"]


def test_rules_of_security_groups_that_are_resources(repository: Make) -> None:
    rules = """\
resource "aws_security_group" "cache" {}
resource "aws_security_group_rule" "in" {
  type              = "ingress"
  security_group_id = aws_security_group.cache.id
  from_port         = 0
  to_port           = 65535
  protocol          = "tcp"
  cidr_blocks       = ["192.0.2.0/24"]
}
resource "aws_security_group_rule" "out" {
  type              = "egress"
  security_group_id = aws_security_group.cache.id
  protocol          = "-1"
  cidr_blocks       = ["0.0.0.0/0"]
}
resource "aws_vpc_security_group_ingress_rule" "six" {
  security_group_id = aws_security_group.cache.id
  ip_protocol       = "-1"
  cidr_ipv6         = "2001:db8::/32"
}
"""
    told = facts(repository({"main.tf": IN_GROUP + rules}), RG)
    assert told["cloud.ingress"] == ["192.0.2.0/24", "2001:db8::/32"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (('["192.0.2.0/24"]', "var.office"), ["0.0.0.0/0", "10.0.0.0/8"]),
        (('["10.0.0.0/8", "0.0.0.0/0"]', "var.office"), None),
        (('["10.0.0.0/8", "0.0.0.0/0"]', '["nonsense"]'), None),
        (("cache.id]", "cache.id, var.other]"), ["0.0.0.0/0", "10.0.0.0/8"]),
    ],
)
def test_part_of_the_ranges_is_enough_only_for_bad_news(
    repository: Make, change: tuple[str, str], expected: list[str] | None
) -> None:
    text = (IN_GROUP + SECURITY_GROUP).replace(*change)
    assert facts(repository({"main.tf": text}), RG).get("cloud.ingress") == expected


def test_a_waiver_in_a_comment(repository: Make) -> None:
    waiver = "  # redislint: disable-next-line=RL901 reason=rebuilt owner=me until=2099-01-01\n"
    retention = "  snapshot_retention_limit = 0\n"
    repository({"main.tf": CACHE.replace("{\n", "{\n" + waiver + retention, 1)})
    report = check(["main.tf"])
    assert not report.errors
    (finding,) = [f for f in report.findings if f.rule == "RL901"]
    assert finding.waiver is not None


def test_a_redis_conf_in_a_config_map(repository: Make) -> None:
    text = """\
resource "kubernetes_config_map" "redis" {
  data = {
    "redis.conf" = <<-EOT
      # é
      maxmemory ${var.memory}
      maxmemory-policy allkeys-lru
        save 900 1
      port ${local.port}
    EOT
    "notes.txt" = "nothing"
  }
}
locals {
  port = 7000
}
"""
    found = repository({"main.tf": text})
    name = "kubernetes_config_map.redis.redis.conf"
    assert found.settings(name) == [
        ("maxmemory", "?"),
        ("maxmemory-policy", "allkeys-lru"),
        ("save", "900 1"),
        ("port", "7000"),
    ]
    assert [place for _, place in found.spanned(name)] == [
        "${var.memory}",
        "allkeys-lru",
        "900 1",
        "${local.port}",
    ]


def test_a_file_that_is_no_terraform_by_its_size(repository: Make) -> None:
    found = repository({"redis.tf": GROUP + "a {\n" * 300_000})
    (error,) = found.report.errors
    assert "larger than 1048576 bytes" in error.message


def test_findings_about_what_follows_point_at_its_attribute(repository: Make) -> None:
    old = CACHE.replace('"7.1"', '"5.0.6"').replace(f"{PG}.name", '"default.redis7"')
    repository({"main.tf": old})
    report = check(["main.tf"])
    (finding,) = [f for f in report.findings if f.rule == "RL940"]
    assert finding.span is not None
    assert (finding.span.line, finding.span.column) == (6, 27)
    assert "RL425" not in {f.rule for f in report.findings}, (
        "AWS's builds have patches of their own"
    )


def test_a_queue_on_an_instance_that_keeps_nothing(repository: Make) -> None:
    text = (
        'resource "azurerm_redis_cache" "queue" {\n  sku_name = "Premium"\n'
        '  redis_version = "6"\n  redis_configuration {\n    rdb_backup_enabled = false\n'
        "    aof_backup_enabled = false\n  }\n}\n"
    )
    repository({"main.tf": text})
    [finding] = check(select=["RL201"], workload="queue").findings
    assert finding.span is not None
    assert (finding.span.line, finding.span.column) == (6, 26)
    aws = check(select=["RL902", "RL917", "RL947"], profile="strict")
    assert {one.kind for one in aws.outcomes if one.rule != "RL006"} <= {"not-applicable"}


@pytest.mark.parametrize(
    ("source", "at_rest", "tls", "days"),
    [
        ("terraform-aws-modules/elasticache/aws", True, True, None),
        ("cloudposse/elasticache-redis/aws", False, None, None),
        ("umotif-public/elasticache-redis/aws", True, True, 30),
    ],
)
def test_what_common_modules_set_themselves(
    repository: Make, source: str, at_rest: bool, tls: bool | None, days: int | None
) -> None:
    text = f'module "redis" {{\n  source = "{source}"\n  engine_version = "7.1"\n}}\n'
    told = facts(repository({"redis.tf": text}), "module.redis")
    assert told.get("cloud.at_rest") is at_rest
    assert told.get("cloud.tls") is tls
    assert told.get("backup.retention_days") == days

locals {
  defaults = { "maxmemory-policy" = "allkeys-lru" }
  params   = merge(local.defaults, { "notify-keyspace-events" = "Ex", "timeout" = 60 })
}
resource "aws_elasticache_parameter_group" "pg" {
  name   = "pg"
  family = "redis6.x"
  dynamic "parameter" {
    for_each = local.params
    content {
      name  = parameter.key
      value = parameter.value
    }
  }
}

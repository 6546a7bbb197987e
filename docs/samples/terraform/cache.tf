variable "policy" {
  default = "allkeys-lru"
}

resource "aws_elasticache_parameter_group" "sessions" {
  name   = "sessions"
  family = "redis7"

  parameter {
    name  = "maxmemory-policy"
    value = var.policy
  }
}

resource "aws_elasticache_replication_group" "sessions" {
  replication_group_id     = "sessions"
  description              = "sessions of the shop"
  engine_version           = "7.1"
  node_type                = "cache.r7g.large"
  num_cache_clusters       = 2
  parameter_group_name     = aws_elasticache_parameter_group.sessions.name
  snapshot_retention_limit = 0
}

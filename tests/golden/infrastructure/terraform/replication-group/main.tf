resource "aws_elasticache_parameter_group" "sessions" {
  name   = "sessions"
  family = "redis7"

  parameter {
    name  = "maxmemory-policy"
    value = "volatile-lru"
  }

  parameter {
    name  = "timeout"
    value = 300
  }
}

resource "aws_elasticache_replication_group" "sessions" {
  replication_group_id       = "sessions"
  description                = "é sessions"
  engine                     = "redis"
  engine_version             = "7.0"
  node_type                  = "cache.r6g.large"
  num_cache_clusters         = 2
  parameter_group_name       = aws_elasticache_parameter_group.sessions.name
  automatic_failover_enabled = true
  multi_az_enabled           = true
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
  auth_token                 = var.token
  snapshot_retention_limit   = 7
  snapshot_window            = "03:00-04:00"
  subnet_group_name          = "private"
  security_group_ids         = ["sg-1"]
  tags                       = { engine_version = "x" }
}

variable "token" {
  sensitive = true
}

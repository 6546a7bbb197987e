variable "policy" {
  default = "allkeys-lru"
}

resource "aws_elasticache_parameter_group" "ledger" {
  name   = "ledger"
  family = "redis7"

  parameter {
    name  = "maxmemory-policy"
    value = var.policy
  }
}

# redislint: workload=ledger
resource "aws_elasticache_replication_group" "ledger" {
  replication_group_id = "ledger"
  description          = "bookings"
  engine_version       = "7.1"
  node_type            = "cache.r7g.large"
  num_cache_clusters   = 2
  parameter_group_name = aws_elasticache_parameter_group.ledger.name

  automatic_failover_enabled = true
  // redislint: disable-next-line=RL901 reason="restored from the primary store" owner=ledger-team
  snapshot_retention_limit = 0
}

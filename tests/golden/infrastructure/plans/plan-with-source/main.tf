variable "days" {}

resource "aws_elasticache_replication_group" "rg" {
  count                    = 1
  replication_group_id     = "rg"
  description              = "é"
  node_type                = "cache.m7g.large"
  snapshot_retention_limit = var.days
}

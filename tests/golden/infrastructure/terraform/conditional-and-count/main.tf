variable "production" { default = false }
variable "enabled" { default = true }
resource "aws_elasticache_replication_group" "c" {
  count                    = var.enabled ? 1 : 0
  replication_group_id     = "c-${count.index}"
  description              = "c"
  engine_version           = "7.1"
  node_type                = var.production ? "cache.r7g.large" : "cache.t4g.micro"
  snapshot_retention_limit = var.days
  // 7 # in production
  automatic_failover_enabled = !var.enabled # comment
}
variable "days" { type = number }

resource "aws_elasticache_parameter_group" "this" {
  name   = "this"
  family = "${local.engine}8"
  parameter {
    name  = "maxmemory-policy"
    value = var.policy
  }
}
resource "aws_elasticache_replication_group" "this" {
  replication_group_id     = "this"
  description              = "d"
  engine                   = local.engine
  engine_version           = var.version
  node_type                = var.node_type
  snapshot_retention_limit = local.retention
  parameter_group_name     = aws_elasticache_parameter_group.this.id
}

resource "aws_memorydb_cluster" "ledger" {
  name                       = "ledger"
  acl_name                   = "open-access"
  engine_version             = "7.1"
  node_type                  = "db.r7g.large"
  num_shards                 = 2
  num_replicas_per_shard     = 1
  tls_enabled                = false
  snapshot_retention_limit   = 0
  auto_minor_version_upgrade = true
  subnet_group_name          = "s"
}

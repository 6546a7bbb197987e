module "redis" {
  source  = "terraform-aws-modules/elasticache/aws"
  version = "1.2.0"

  replication_group_id       = "jobs"
  engine_version             = "7.1"
  node_type                  = "cache.m7g.large"
  transit_encryption_enabled = false
  snapshot_retention_limit   = 1
  parameter_group_family     = "redis7"
  parameters = [
    {
      name  = "maxmemory-policy"
      value = "noeviction"
    },
    { name = "latency-tracking", value = var.tracking }
  ]
  subnet_ids = ["a"]
}
module "vpc" {
  source = "./vpc"
  engine_version = "1"
}
variable "tracking" {}

resource "aws_elasticache_replication_group" "jobs" {
  # redislint: workload=queue
  replication_group_id = "jobs"
  engine_version       = "7.1"
  parameter_group_name = aws_elasticache_parameter_group.jobs.name
}

resource "aws_elasticache_parameter_group" "jobs" {
  name   = "jobs"
  family = "redis7"

  parameter {
    name  = "maxmemory-policy"
    value = "allkeys-lru" # what goes first
  }
}

resource "kubernetes_config_map" "cache" {
  metadata {
    name = "cache"
  }
  data = {
    "redis.conf" = <<-EOT
      port 6379
      appendonly true
      maxmemory 1gib
    EOT
  }
}

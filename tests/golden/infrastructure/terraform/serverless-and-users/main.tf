resource "aws_elasticache_user" "app" {
  user_id       = "app"
  user_name     = "app"
  engine        = "redis"
  access_string = "on ~app:* +@all -@dangerous"
  passwords     = ["first-password-16"]
}
resource "aws_elasticache_user_group" "apps" {
  engine        = "redis"
  user_group_id = "apps"
  user_ids      = ["default", aws_elasticache_user.app.user_id]
}
resource "aws_elasticache_serverless_cache" "s" {
  engine               = "valkey"
  name                 = "s"
  major_engine_version = "8"
  user_group_id        = aws_elasticache_user_group.apps.user_group_id
  daily_snapshot_time  = "04:00"
  snapshot_retention_limit = 1
  cache_usage_limits {
    data_storage {
      maximum = 10
      unit    = "GB"
    }
  }
}

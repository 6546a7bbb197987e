variable "node_type" {
  type    = string
  default = "cache.t4g.small"
}
variable "policy" {
  default = "allkeys-lru"
}
variable "version" {}
locals {
  retention = 3
  engine    = "valkey"
}

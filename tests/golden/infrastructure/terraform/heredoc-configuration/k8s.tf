resource "kubernetes_config_map" "redis" {
  metadata {
    name = "redis"
  }
  data = {
    "redis.conf" = <<-EOT
      appendonly yes
      maxmemory ${var.memory}
      save 900 1
    EOT
    "note.txt" = "x"
  }
}
variable "memory" {}

variable "parameters" {
  default = [
    { name = "activedefrag", value = "yes" },
    { name = "maxmemory-samples", value = "10" },
  ]
}
resource "aws_memorydb_parameter_group" "m" {
  name   = "m"
  family = "memorydb_redis7"
  dynamic "parameter" {
    for_each = var.parameters
    iterator = each_one
    content {
      name  = each_one.value.name
      value = each_one.value["value"]
    }
  }
}

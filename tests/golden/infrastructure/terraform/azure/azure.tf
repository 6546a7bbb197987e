resource "azurerm_redis_cache" "web" {
  name                 = "web"
  location             = "westeurope"
  resource_group_name  = "rg"
  capacity             = 1
  family               = "P"
  sku_name             = "Premium"
  non_ssl_port_enabled = false
  minimum_tls_version  = "1.2"
  redis_configuration {
    maxmemory_policy      = "allkeys-lfu"
    maxmemory_reserved    = 200
    rdb_backup_enabled    = true
    rdb_backup_frequency  = 60
    rdb_storage_connection_string = azurerm_storage_account.a.primary_blob_connection_string
  }
}

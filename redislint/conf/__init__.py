"""The language of redis.conf: reading it, what the server makes of it, editing it."""

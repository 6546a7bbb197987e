"""Writes the inputs of the benchmarks: our own text with the shape of real files.

The stock-like file has the measures of the redis.conf that ships with Redis 7.2: 2,295
lines, about 105,000 bytes, nine lines in ten comments, some 75 directives that are set
and as many that are commented out. Everything is derived from a fixed seed, so two runs
measure the same bytes.
"""

from __future__ import annotations

import random
from pathlib import Path

STOCK_LINES = 2295
_COMMENT_WIDTH = 58

_ACTIVE = """\
bind 127.0.0.1 -::1
protected-mode yes
port 6379
tcp-backlog 511
timeout 0
tcp-keepalive 300
daemonize no
pidfile /var/run/redis_6379.pid
loglevel notice
logfile ""
databases 16
always-show-logo no
set-proc-title yes
proc-title-template "{title} {listen-addr} {server-mode}"
locale-collate ""
stop-writes-on-bgsave-error yes
rdbcompression yes
rdbchecksum yes
dbfilename dump.rdb
rdb-del-sync-files no
dir ./
replica-serve-stale-data yes
replica-read-only yes
repl-diskless-sync yes
repl-diskless-sync-delay 5
repl-diskless-sync-max-replicas 0
repl-diskless-load disabled
repl-disable-tcp-nodelay no
replica-priority 100
acllog-max-len 128
lazyfree-lazy-eviction no
lazyfree-lazy-expire no
lazyfree-lazy-server-del no
replica-lazy-flush no
lazyfree-lazy-user-del no
lazyfree-lazy-user-flush no
oom-score-adj no
oom-score-adj-values 0 200 800
disable-thp yes
appendonly no
appendfilename "appendonly.aof"
appenddirname "appendonlydir"
appendfsync everysec
no-appendfsync-on-rewrite no
auto-aof-rewrite-percentage 100
auto-aof-rewrite-min-size 64mb
aof-load-truncated yes
aof-use-rdb-preamble yes
aof-timestamp-enabled no
slowlog-log-slower-than 10000
slowlog-max-len 128
latency-monitor-threshold 0
notify-keyspace-events ""
hash-max-listpack-entries 512
hash-max-listpack-value 64
list-max-listpack-size -2
list-compress-depth 0
set-max-intset-entries 512
set-max-listpack-entries 128
set-max-listpack-value 64
zset-max-listpack-entries 128
zset-max-listpack-value 64
hll-sparse-max-bytes 3000
stream-node-max-bytes 4096
stream-node-max-entries 100
activerehashing yes
client-output-buffer-limit normal 0 0 0
client-output-buffer-limit replica 256mb 64mb 60
client-output-buffer-limit pubsub 32mb 8mb 60
hz 10
dynamic-hz yes
aof-rewrite-incremental-fsync yes
rdb-save-incremental-fsync yes
jemalloc-bg-thread yes
""".splitlines()

_OPTIONAL = """\
save 3600 1 300 100 60 10000
maxmemory 2gb
maxmemory-policy allkeys-lru
maxmemory-samples 5
maxclients 10000
replicaof 10.0.0.1 6379
min-replicas-to-write 1
min-replicas-max-lag 10
repl-backlog-size 64mb
repl-backlog-ttl 3600
unixsocket /run/redis/redis.sock
unixsocketperm 700
rename-command FLUSHALL ""
io-threads 4
active-expire-effort 1
tracking-table-max-keys 1000000
lfu-log-factor 10
lfu-decay-time 1
cluster-enabled yes
cluster-node-timeout 15000
proto-max-bulk-len 512mb
client-query-buffer-limit 1gb
crash-log-enabled yes
busy-reply-threshold 5000
shutdown-timeout 10
syslog-enabled no
user worker on +@read ~cache:* resetchannels -@dangerous
""".splitlines()

_MISTAKES = """\
maxmemmory 1gb
appendonly true
save 900 1 # after a quarter of an hour
port 70000
maxmemory 64m
slave-read-only yes
timeout five
requirepass "unfinished
loglevel chatty
""".splitlines()

_TEXT = """\
server client memory file write read snapshot replica key value limit default second byte
connection value option number system disk process command network large small when the
this only after before more less than every each and or a an of in on with without keeps
sends waits holds counts drops starts ends may must never usually
"""
_WORDS = tuple(_TEXT.split())


def _comment(chance: random.Random) -> str:
    """One comment line of plain words, about as long as people write them."""
    words = "#"
    while len(words) < _COMMENT_WIDTH and (len(words) < 34 or chance.random() > 0.12):
        words += f" {chance.choice(_WORDS)}"
    return words


def stock(seed: int = 0) -> str:
    """A redis.conf with the shape of the stock file of Redis 7.2, acceptable to it."""
    chance = random.Random(seed)
    marks: list[str] = [*_ACTIVE, *(f"# {line}" for line in _OPTIONAL)]
    room = STOCK_LINES - len(marks)
    blanks = room // 11
    filler = [""] * blanks + [_comment(chance) for _ in range(room - blanks)]
    chance.shuffle(filler)
    places = sorted(chance.sample(range(STOCK_LINES), len(marks)))
    lines: list[str] = []
    for number in range(STOCK_LINES):
        if places and places[0] == number:
            places.pop(0)
            lines.append(marks.pop(0))
        else:
            lines.append(filler.pop())
    return "\n".join(lines) + "\n"


def varied(seed: int) -> str:
    """A redis.conf of a team: some directives, some comments, now and then a mistake."""
    chance = random.Random(seed)
    lines = chance.sample(_ACTIVE, chance.randint(5, len(_ACTIVE)))
    lines += chance.sample(_OPTIONAL, chance.randint(0, 12))
    if chance.random() < 0.3:
        lines += chance.sample(_MISTAKES, chance.randint(1, 2))
    chance.shuffle(lines)
    text = ""
    for line in lines:
        for _ in range(chance.choice((0, 0, 1, 3))):
            text += f"{_comment(chance)}\n"
        text += f"{line}\n" + "\n" * (chance.random() < 0.2)
    return text


def folder(place: Path, count: int, *, like_stock: bool) -> Path:
    """Fill a new folder with `count` files, in sub-folders of 50; returns it."""
    for number in range(count):
        part = place / f"team-{number // 50:02}"
        part.mkdir(parents=True, exist_ok=True)
        text = stock(number) if like_stock else varied(number)
        (part / f"redis-{number:04}.conf").write_text(text, encoding="utf-8")
    return place


SMALL_YAML = """\
---
name: orders
replicas: 3
ports:
  - 6379
  - 16379
resources:
  limits:
    memory: 2Gi
    cpu: "1"
labels:
  app: orders
  tier: cache
"""

SMALL_TERRAFORM = """\
resource "aws_elasticache_replication_group" "orders" {
  replication_group_id       = "orders"
  description                = "orders cache"
  engine                     = "redis"
  node_type                  = "cache.t4g.small"
  num_cache_clusters         = 2
  automatic_failover_enabled = true
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
}
"""

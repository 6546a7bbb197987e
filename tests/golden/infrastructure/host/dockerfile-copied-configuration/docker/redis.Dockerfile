FROM valkey/valkey:8.1.1 AS server
WORKDIR /etc/valkey
COPY valkey.conf ./valkey.conf
ENTRYPOINT ["valkey-server"]
CMD ["/etc/valkey/valkey.conf", "--maxclients", "100"]

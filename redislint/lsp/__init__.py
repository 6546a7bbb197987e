"""The language server: what `redislint check` finds, while a file is being written.

Each module answers one kind of question about an open text and knows the protocol's data
types alone; `server` ties them to the connection.
"""

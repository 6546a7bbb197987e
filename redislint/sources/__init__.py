"""Where configuration lives: each module turns a PATH or URL into targets."""

"""Servers as repositories describe them: manifests, compose files, templates."""

"""Many targets: an inventory, a run that survives a crash, history, and reports over time."""

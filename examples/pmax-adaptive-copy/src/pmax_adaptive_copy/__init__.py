"""Adaptive copy, a replication mode for long distances, as a plugin of pmax."""

__version__ = "0.1.0"

"""Hosts get the port group of their rack, as a plugin of pmax."""

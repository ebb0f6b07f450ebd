"""A file of who changed what on the array, as a plugin of pmax."""

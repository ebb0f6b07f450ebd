"""The volume drivers for OpenStack Cinder. Nothing else of pmax knows Cinder."""

from cinder import objects

# Cinder's own modules name these classes when they are imported. Its services register them first; tools that only look
# at a driver do not.
objects.register_all()

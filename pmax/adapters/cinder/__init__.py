"""The volume drivers for OpenStack Cinder. Nothing else of pmax knows Cinder."""

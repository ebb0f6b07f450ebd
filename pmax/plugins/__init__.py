"""The contract between the host and its plugins, and the plugins that come with it."""

"""How the simulated array behaves: rules on its tables. They raise refusals and know nothing of HTTP or of JSON."""

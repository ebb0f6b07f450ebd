"""Everything that touches the outside: what calls the engine, and what implements the ports."""

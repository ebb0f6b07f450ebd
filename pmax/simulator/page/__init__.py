"""The page to look at: what the arrays hold and what clients ask, live, read-only, nothing from outside."""

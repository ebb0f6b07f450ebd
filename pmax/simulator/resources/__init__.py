"""The REST resources: each module reads the body of a call, applies the array's rules and renders the answer."""

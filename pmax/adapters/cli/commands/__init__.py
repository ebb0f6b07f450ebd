"""The verbs, one module for each noun. Each module is loaded only when one of its verbs is called."""

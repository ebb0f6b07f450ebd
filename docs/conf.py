"""How Sphinx builds the documentation: `make docs`."""

import pmax

project = "pmax"
author = "The pmax authors"
copyright = "The pmax authors, Apache-2.0"  # noqa: A001 - Sphinx's name for it
version = release = pmax.__version__

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
nitpicky = True

html_theme = "furo"
html_title = f"pmax {release}"

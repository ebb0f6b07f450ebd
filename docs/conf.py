"""How Sphinx builds the documentation: `make docs`."""

import sys
from pathlib import Path

import pmax

sys.path.insert(0, str(Path(__file__).parent))

project = "pmax"
author = "The pmax authors"
copyright = "The pmax authors, Apache-2.0"  # noqa: A001 - Sphinx's name for it
version = release = pmax.__version__

extensions = ["myst_parser", "drawn_figures", "drawn_sequence", "drawn_states", "pages_from_code"]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
nitpicky = True
# Two hyphens are an option, and straight quotes belong to a shell: neither may be made prettier.
smartquotes = False

html_theme = "furo"
html_title = f"pmax {release}"
html_static_path = ["_static"]
html_css_files = ["wrap.css"]

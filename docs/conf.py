"""How the documentation becomes a site: `make docs`. Nothing of it comes from a network."""

project = "xueshi (学时)"
extensions = ["myst_parser"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "xueshi (学时)"
html_copy_source = False
html_show_sphinx = False
myst_heading_anchors = 4

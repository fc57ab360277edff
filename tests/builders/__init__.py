"""Make what tests need: images, layouts, archives; small, and the same bytes every time."""

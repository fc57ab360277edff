"""Statements, by noun. They are built once, take named parameters, and run nothing.

Names of selects are noun phrases (`image_by_name`); of changes, verbs (`delete_images`); `lock_`
is for those that lock rows. Each statement is kept as text, per engine, in `tests/sql`.
"""

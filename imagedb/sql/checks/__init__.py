"""What is always true: a SELECT for each promise, that finds the rows which break it.

They work on whole tables, as joins of sets, so that a large database is checked in minutes.
"""

from imagedb.sql.checks import answers, containers, content, hosts, images, paths

CHECKS = (
    *images.CHECKS,
    *paths.CHECKS,
    *containers.CHECKS,
    *hosts.CHECKS,
    *content.CHECKS,
    *answers.CHECKS,
)
"""In the order in which their problems are told."""

"""Whether a server that speaks Docker's API answers as a real engine was recorded to answer.

::

    scenarios.toml ──> playing ──> engine ──> any server
    records/*.json ──> comparing <── deviations.toml
                           └──> a table: equal, deviation, out of scope, differs
"""

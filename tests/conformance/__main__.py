"""Hold any server to the records.

Usage: python -m tests.conformance --host unix:///run/imagedb.sock [--only 'delete_*,tag.*']

ALL containers and images of the server are removed.
"""

import argparse
import sys
from collections.abc import Sequence

from tests.conformance.engine import Engine
from tests.conformance.running import Conformance, chosen, table


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 if anything differs."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.conformance",
        description="Hold a server to the records. ALL its containers and images are removed.",
    )
    parser.add_argument("--host", required=True, help="unix:///PATH or http://127.0.0.1:PORT")
    parser.add_argument("--only", default="*", help="patterns of names, separated by commas")
    parser.add_argument(
        "--record",
        choices=["newest", "seed"],
        help="expect what this engine did, without imagedb's deviations",
    )
    options = parser.parse_args(arguments)
    conformance = Conformance(options.record, with_deviations=options.record is None)
    engine = Engine(options.host)
    results = [conformance.run(engine, scenario) for scenario in chosen(options.only)]
    sys.stdout.write("\n".join(table(results)) + "\n")
    return int(any(result.outcome == "differs" for result in results))


if __name__ == "__main__":
    sys.exit(main())

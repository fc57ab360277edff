"""The command line: parse, call one function, print."""

import sys


def main() -> None:
    """Run `imagedb`, the console command."""
    try:
        from imagedb.cli.output import prepare_streams

        prepare_streams()
        from imagedb.cli.app import app

        app(prog_name="imagedb")
    except KeyboardInterrupt:  # while Python was still loading; later, `exits` tells it
        sys.exit(130)

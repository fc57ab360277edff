"""Images, containers and events as docker's API writes them, for every surface."""

"""Many processes on one database, faults while they run, and proof of what they were told."""

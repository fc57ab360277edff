"""The service: Docker's Engine API over the metadata, for what concerns images and containers.

Handlers translate, call one function of the core, and shape the answer. They are plain functions,
run in threads; a request's body is read before its transaction begins.
"""

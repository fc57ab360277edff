"""Our own API, `/imagedb/v1`: what Docker's has no words for.

Plain functions with pydantic models; lists come in pages; errors are RFC 9457 problems. The OpenAPI
document is served at `/imagedb/v1/openapi.json` and kept as `docs/openapi.json`.
"""

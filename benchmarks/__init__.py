"""Benchmarks: what the integration costs beside its peers and beside Home Assistant itself."""

"""Argo CD's own answers, recorded as cases, asked of this program: ``python -m tests.conformance``."""

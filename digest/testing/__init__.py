"""For tests, ours and plugin writers': a strict SMTP sink, fakes behind the protocols, conformance suites.

`python -m digest.testing sink | crash | at` serves the same from a shell.
"""

"""The figures in the docs: each benchmark prints one JSON line with ratios against a peer run in the same minute."""

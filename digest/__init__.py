"""digest: a scheduled, sectioned newsletter from many sources to the lists you keep in files.

    sources --> [articles] --> picker --> composer --> [issues] --> sender --> [deliveries]

Each arrow is one way, each bracket a table, each stage can be run again or previewed alone. Where to look:

    digest.sources      articles come in          digest.sender       messages go out
    digest.picker       what stands in the issue  digest.subscribers  who gets it, and who said no
    digest.composer     how it looks              digest.store        what must not be forgotten
    digest.pipeline     where they meet           digest.app          config.toml -> an App: open_app()
"""

__version__ = "0.1.0"

"""What is shown over HTTP: the public pages (unsubscribing) and the preview on this machine.

desks     the two small Protocols the pages ask; app stands behind them
guard     headers, limits and plain words for every answer
public    /u/TOKEN and /health
preview   the next real issue, under a secret path on a loopback address
live      what the preview shows and when it changes
watch     that the owner saved a file
serve     uvicorn, started and stopped by us; connection bounds a slow head
pages     the HTML, style and script
"""

from digest.web.desks import PreviewDesk, Previewed, PublicDesk, Unsubscribing, Upcoming, grouped
from digest.web.preview import preview_app
from digest.web.public import public_app
from digest.web.serve import serve, serve_preview

__all__ = [
    "PublicDesk",
    "Unsubscribing",
    "PreviewDesk",
    "Upcoming",
    "Previewed",
    "grouped",
    "public_app",
    "preview_app",
    "serve",
    "serve_preview",
]

"""What is said of failures that nobody foresaw."""

from __future__ import annotations

import os


def unforeseen(error: BaseException) -> str:
    """One line on an unforeseen error: its kind and place. Its message stays out, for it may
    quote a file or a reply."""
    return f"internal error: {type(error).__name__} at {_place(error)}; please report it"


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    place = "an unknown place"
    while trace is not None:
        path = trace.tb_frame.f_code.co_filename
        place = f"{os.path.basename(os.path.dirname(path))}/{os.path.basename(path)}"
        place = f"{place}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place

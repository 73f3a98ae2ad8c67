"""When two texts count as the same: up to case, white space and the form in which Unicode writes them.

One rule for all who look for copies: the split by hash, the conversion's check of shared texts, and the DataGate.
"""

import unicodedata


def normal_form(text: str) -> str:
    """Return the text after NFKC and case folding, its runs of white space as single spaces; equal for the same texts."""
    folded = text.casefold() if text.isascii() else unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.split())

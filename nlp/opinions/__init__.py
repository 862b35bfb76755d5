"""Second opinions: readers that a company plugs in for posts that the packaged model leaves unsure.

`make_second_reader` gives the one that the settings name; nlp.understand asks it.
"""

from nlp.opinions.choice import make_second_reader
from nlp.opinions.second import SecondReader

__all__ = ["SecondReader", "make_second_reader"]

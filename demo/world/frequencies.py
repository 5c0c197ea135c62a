"""Frequencies of difficult features of real pages, counted over real tables.

`demo/world/measure.py` counts them again; a test compares them. Shares that could not be counted are
chosen; they are at the end.
"""

from typing import NamedTuple


class Share(NamedTuple):
    """A count out of a total."""

    matched: int
    total: int

    @property
    def rate(self) -> float:
        """Between 0 and 1."""
        return self.matched / self.total

    @property
    def missing(self) -> int:
        """Total minus matched."""
        return self.total - self.matched


#: Set lists of 72 DJs on 1001tracklists, each set once.
COMPLETE = Share(19_416, 25_332)  # sets whose tracks are all identified
IDENTIFIED = Share(646_998, 663_598)  # tracks
AT_VENUE = Share(10_180, 25_392)  # sets "@" a place; the others are shows
PLAY_TIME = Share(19_963, 25_392)  # sets with a known length
TWO_STYLES = Share(20_406, 25_392)
#: Sets by how many DJs their title names: one, two, ... six and more.
DJS = (21_950, 2_487, 649, 161, 42, 103)
#: Least, deciles and a long end of the announced tracks of a set; the deciles are counted.
ROWS = (6, 13, 16, 17, 18, 20, 23, 29, 35, 48, 80)

#: Rows of five whole tracklist pages and of three sets with features.
JOINED = Share(28, 275)  # "w/"
MASHUP_PARTS = Share(4, 147)
CUES = Share(143, 275)
PAGE_LABELS = Share(116, 147)

#: Lines of 923 sets on MixesDB.
LABEL_SUFFIX = Share(2_485, 8_533)  # "[Label]" or "[Label - CAT]" at the end
FEATURES = Share(538, 8_533)
LENGTH_WORDS = Share(94, 8_533)  # "(Extended Mix)", "(Original Mix)", ...
DAMAGED = Share(476, 8_533)  # mojibake

#: Titles of 15 label catalogues at Beatport.
REMIXED = Share(9_077, 32_271)  # with remixers
DUBS = Share(487, 32_271)
SEVERAL_ARTISTS = Share(11_350, 32_271)
FEATURED = Share(4_185, 32_271)

#: Events of a year in Germany at Resident Advisor.
EVENT_GENRES = Share(1_608, 1_958)
#: Quartiles of the acts on a line-up, with a least and a long end.
ACTS = (1, 1, 3, 6, 14)

# Chosen, without a count: no two sites could be compared, no page was fetched twice.
TYPED_WRONG = 0.002  # of lines typed by hand (MixesDB, descriptions)
ON_TWO_SITES = 0.18  # of sets
LATER_VERSION = 0.15  # of tracklists are corrected later
MISSED_ROW = 0.03  # of rows that the second site does not have
NEXT_DAY = 0.1  # of sets on two sites are dated a day later on the second
ARTIST_ONLY = 0.35  # of unidentified rows still name their artist
REMIXER_UNKNOWN = 0.1  # of unidentified rows know the track, not the remixer

"""The simulated world: invented people, tracks, events and sets, their pages on the sites, and the truth.

The truth is created first, independent of sites; a telling is one site's version of a set at one time, with
the noise of real sites. All of it follows from a seed and a day: the same two give the same bytes.
"""

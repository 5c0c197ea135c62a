"""The simulated world: invented people, tracks, events and sets, their pages on the sites, and the truth.

The truth is created first, independent of sites; a `SitePlaylist` is a set as one site shows it over
time, with the noise of real sites. All of it follows from a seed and a day: the same two give the same bytes.
"""

"""The simulated world: invented people, tracks, events and sets, what each site tells of them, and the truth.

The truth comes first and knows nothing of sites; a telling is what one site says of a set at one time, with
the noise that real sites have. All of it follows from a seed and a day: the same two give the same bytes.
"""

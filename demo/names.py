"""Invented names. None is meant to be anybody; what happens to exist is chance.

"Deadmau5 - Strobe" alone is real: the query examples of the specification ask for it.
"""

DJS = (
    "Nora Vexley",
    "Marek Ondul",
    "Tessa Ravn",
    "Kilo Meridian",
    "Halden Roux",
    "Inês Okaro",
    "Juno Fairweather",
    "Søren Vilk",
    "DJ Palimpsest",
    "Aurelia Quint",
    "Bastian Corvo",
    "Mireille Tanaka",
    "Otto Grauwacke",
    "Lumen & Dax",
    "Priya Sandhaus",
    "Casimir Bloom",
    "Vera Nachtfalter",
    "Tomasz Zeg",
    "Yuki Albright",
    "Rafa Terracota",
    "Odile Marchetti",
    "Fenwick Stray",
    "Zora Kestrel",
    "Emil Hafenlicht",
    "Saoirse Bright",
)
#: Those of the DJs who make tracks too, and play them.
PRODUCING_DJS = DJS[:10]
PRODUCERS = (
    "Ashgrove Lane",
    "Belmira",
    "Copper Antenna",
    "Dagny Holm",
    "Ember Parade",
    "Fjordline",
    "Ghost Orchard",
    "Hollow Marina",
    "Ilse Varga",
    "Jasper Quarry",
    "Kantelou",
    "Low Tide Society",
    "Mono Atlas",
    "Nimbus Ferry",
    "Ostrava Nine",
    "Pale Cartographer",
    "Quiet Ministry",
    "Rosalind Meer",
    "Slow Botanist",
    "Tin Cathedral",
    "Umbra Vale",
    "Velvet Isthmus",
    "Winter Exchange",
    "Xanthe Moreau",
    "Yarrow",
    "Zinc Theatre",
    "Ø Kollektiv",
    "Łukasz Mróz",
    "Café Noctua",
    "Telegraph Hill Choir",
)
SINGERS = ("Anouk Delray", "Bo Lindqvist", "Carys Vaughan", "Dele Onwudi", "Esme Hartley", "Freya Solberg")
FIRST_WORDS = (
    "Amber Brass Cinder Distant Electric Fallen Glass Hidden Indigo Jade Kinetic Liquid Marble Neon Opal Paper "
    "Quartz Restless Silver Tidal Ultra Velvet Wandering Yellow Zero"
).split()
SECOND_WORDS = (
    "Archive Balcony Corridor Dialogue Engine Fountain Garden Harbour Island Jubilee Kingdom Lantern Machine "
    "Nocturne Orbit Pavilion Quarter River Signal Terminal Umbrella Voyage Window Yard Zenith"
).split()
LABELS = (
    ("NORTHLIGHT", None),
    ("GREENHOUSE AUDIO", None),
    ("PARALLAX", None),
    ("TIDEWATER", None),
    ("MERIDIAN", "PARALLAX"),
    ("OLD QUARRY", None),
    ("SALT & IRON", None),
    ("NACHTZUG", None),
    ("LANTERNA", "TIDEWATER"),
    ("FOURTH FLOOR", None),
    ("COBALT", None),
    ("SUNROOM", None),
)
GENRES = (
    "Progressive House",
    "Melodic House/Techno",
    "Techno",
    "Tech House",
    "House",
    "Indie Dance",
    "Trance",
    "Drum & Bass",
)
#: Beats per minute that a genre is at home in.
TEMPO = {
    "Progressive House": (122, 130),
    "Melodic House/Techno": (120, 126),
    "Techno": (130, 142),
    "Tech House": (124, 130),
    "House": (120, 127),
    "Indie Dance": (112, 122),
    "Trance": (132, 140),
    "Drum & Bass": (172, 176),
}
#: Event, venue, country.
PLACES = (
    ("Harbour Lights", "Warehouse Nine Rotterdam", "Netherlands"),
    ("Midnight Assembly", "Kraftwerk Halle Leipzig", "Germany"),
    ("Solstice Open Air", "Quarry Park", "United Kingdom"),
    ("Blue Hour", "Teatro Marítimo Lisboa", "Portugal"),
    ("Signal Festival", "Old Tannery Brno", "Czech Republic"),
    ("Northern Rooms", "Silo 5 Oslo", "Norway"),
    ("Afterglow", "Terminal Roof Chicago", "United States"),
    ("Concrete Garden", "La Verrière Lyon", "France"),
)
SHOWS = ("Radio Parallax", "The Lantern Hour", "Tidal Podcast", "Northlight Radio", "Fourth Floor Sessions")

"""Invented venues in real cities."""

from random import Random

from demo.world.truth import Venue

#: City, country, zone, and about where it lies.
CITIES = (
    ("Rotterdam", "Netherlands", "Europe/Amsterdam", 51.92, 4.48),
    ("Leipzig", "Germany", "Europe/Berlin", 51.34, 12.37),
    ("Glasgow", "United Kingdom", "Europe/London", 55.86, -4.25),
    ("Lisbon", "Portugal", "Europe/Lisbon", 38.72, -9.14),
    ("Brno", "Czech Republic", "Europe/Prague", 49.2, 16.61),
    ("Oslo", "Norway", "Europe/Oslo", 59.91, 10.75),
    ("Chicago", "United States", "America/Chicago", 41.88, -87.63),
    ("Lyon", "France", "Europe/Paris", 45.76, 4.84),
    ("Valencia", "Spain", "Europe/Madrid", 39.47, -0.38),
    ("Osaka", "Japan", "Asia/Tokyo", 34.69, 135.5),
)
FIRST = ("Old", "North", "Kraftwerk", "Terminal", "Silo", "Salon", "Depot", "Under", "Quarry", "Foundry")
SECOND = ("Tannery", "Halle", "Roof", "Cellar", "Warehouse", "Arches", "Ballroom", "Bunker", "Boat", "Yard")
FIRST_ID = 40_000


def make(random: Random, count: int) -> list[Venue]:
    """Return `count` venues with distinct names."""
    by_name: dict[str, Venue] = {}
    while len(by_name) < count:
        city, country, zone, latitude, longitude = random.choice(CITIES)
        name = f"{random.choice(FIRST)} {random.choice(SECOND)}"
        name = f"{name} {len(by_name)}" if name in by_name else name
        by_name[name] = Venue(
            native_id=str(FIRST_ID + len(by_name)),
            name=name,
            street=f"{random.randint(1, 180)} {random.choice(SECOND)} Street",
            city=city,
            country=country,
            zone=zone,
            latitude=round(latitude + random.uniform(-0.05, 0.05), 4),
            longitude=round(longitude + random.uniform(-0.05, 0.05), 4),
        )
    return list(by_name.values())

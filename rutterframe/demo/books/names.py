"""Names, e-mail addresses and telephone numbers of customers."""

from __future__ import annotations

from random import Random


def _split(separator: str, text: str) -> tuple[str, ...]:
    return tuple(text.split(separator))


_FIRST = _split(
    " ",
    "Ada Amara Andrea Anna Ben Björn Caroline Chloé Clara Daniel David Diego Elena Elias Emil Emma Erik "
    "Esther Eva Farid Fatima Finn Freya Gabriel Grace Hana Hannah Henrik Ian Ines Isabel Ivan Jakob James "
    "Jan Jana Jin João Jonas Julia Kaito Karim Katarzyna Kofi Lars Laura Léa Lena Leo Liam Lina Louis "
    "Lucía Luka Maja Malik Marco Maria Mateo Maya Mei Mia Miguel Mila Nadia Nathan Nia Nils Noah Nora "
    "Olivia Omar Oskar Paula Pedro Priya Rahul Rosa Ruth Sam Sara Sofia Søren Stefan Tara Theo Thomas "
    "Tomás Uma Vera Victor Yara Yuki Zoe Łukasz Siobhán Nguyễn Çelik Åsa",
)
_LAST = _split(
    " ",
    "Adams Ahmed Almeida Andersen Bailey Bauer Becker Bennett Bianchi Brown Carter Castillo Chen Clark "
    "Costa Cruz Davies Dubois Edwards Evans Fernández Fischer Fofana Foster García Garcia-Lorca Gonçalves "
    "Green Haddad Hansen Harris Hoffmann Hughes Ito Ivanova Jackson Jansen Johansson Jones Kaya Keller "
    "Khan Kim Kowalska Kumar Larsen Lee Lefèvre Lewis Lopez Marino Martin Mensah Meyer Miller Mitchell "
    "Moreau Morgan Müller Murphy Nakamura Nguyen Nielsen Novak O'Brien Okafor Olsen Owens Park Patel "
    "Pereira Peters Petrov Price Quinn Reed Rossi Roy Saito Santos Schmidt Schulz Silva Singh Smith "
    "Suzuki Taylor Thomas Thompson Torres Turner Vega Virtanen Walker Wang Weber White Wilson Wood Wright "
    "Yilmaz Young Zhang",
)
_PLACES = _split(
    "|",
    "Blue Heron|Corner|Old Mill|Marigold|Northside|Riverbend|Lantern|Juniper|Copper Kettle|Sunday|"
    "Union Street|Seven Oaks|Wildflower|Harvest|Beacon|Willow|Paper Moon|Magnolia|Granite|Foxglove|"
    "Half Moon|Driftwood|Elm Street|Saltwater|Cedar|Ironwood|Prairie|Birch & Bean|Highline|Stillwater|"
    "Orchard|Red Door|Bluff|Parkside|Silver Birch|Bridgetown|Larkspur|Tidewater|Summit|Valley|Ridge|"
    "Basecamp|Trailhead|Edelweiss|Polaris|Compass|Kestrel|Glacier",
)
_TOWNS = _split(
    "|",
    "Portland|Astoria|Salem|Eugene|Tacoma|Olympia|Boise|Spokane|Oakland|Berkeley|Sausalito|Monterey|Reno|"
    "Bend|Ashland|Hamburg|Bremen|Leeds|Bath|Lyon|Gent|Utrecht|Aarhus|Bergen|Innsbruck|Chur|Annecy|Bilbao|"
    "Porto|Turin",
)


def person(number: int) -> str:
    """Return the name of the person with a number, the same in every call."""
    mixed = (number + 1) * 2_654_435_761 % 2**32
    return f"{_FIRST[(mixed >> 20) % len(_FIRST)]} {_LAST[(mixed >> 6) % len(_LAST)]}"


def shop_names(kinds: tuple[str, ...], count: int, random: Random) -> list[str]:
    """Return `count` different names of businesses."""
    names = [f"{place} {kind}" for place in _PLACES for kind in kinds]
    random.shuffle(names)
    result = names[:count]
    while len(result) < count:
        # With more customers than names, a business has a branch in each town, and then in each street.
        number = len(result) // len(names)
        town = _TOWNS[number % len(_TOWNS)]
        street = "" if number < len(_TOWNS) else f" {number // len(_TOWNS) + 1}"
        result += [f"{name}, {town}{street}" for name in names[: count - len(result)]]
    return result


def email(name: str, number: int, domain: str) -> str:
    """Return an e-mail address for a name; the number makes equal names different."""
    words = "".join(letter if letter.isascii() and letter.isalnum() else "." for letter in name.lower())
    local = ".".join(filter(None, words.split("."))) or "customer"
    return f"{local}{number if number % 3 else ''}@{domain}"


def phone(number: int, code: str) -> str | None:
    """Return a telephone number, or None for one customer in three."""
    return None if number % 3 == 2 else f"{code} 555 01{number * 37 % 100:02d}"

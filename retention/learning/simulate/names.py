"""Made-up people: given and family names by language, and the places they shop from."""

from dataclasses import dataclass

GIVEN: dict[str, tuple[str, ...]] = {
    "en": (
        *("Ada", "Alfie", "Amelia", "Arthur", "Beatrix", "Callum", "Clara", "Daisy", "Edith"),
        *("Elliot", "Esme", "Felix", "Freya", "George", "Grace", "Hamish", "Harriet", "Imogen"),
        *("Isla", "Jasper", "Kitty", "Leo", "Lydia", "Mabel", "Maya", "Nadia", "Niall", "Olive"),
        *("Oscar", "Poppy", "Priya", "Ravi", "Rosa", "Rowan", "Samir", "Seren", "Tamsin", "Theo"),
        *("Una", "Violet", "Wilfred", "Yasmin", "Zara"),
    ),
    "de": (
        *("Anke", "Bastian", "Birte", "Carla", "Dieter", "Elke", "Emil", "Frieda", "Greta"),
        *("Hannes", "Ilse", "Jonas", "Katrin", "Lotte", "Mats", "Nele", "Paul", "Svenja", "Udo"),
    ),
    "fr": (
        *("Adele", "Antoine", "Camille", "Celine", "Damien", "Elodie", "Fabien", "Gaelle"),
        *("Hugo", "Jeanne", "Leonie", "Lucas", "Manon", "Nicolas", "Odile", "Remi", "Sylvie"),
    ),
    "nl": (
        *("Anouk", "Bram", "Cato", "Daan", "Eline", "Femke", "Guus", "Hanneke", "Joris"),
        *("Lieke", "Maarten", "Noor", "Pieter", "Sanne", "Thijs", "Wouter"),
    ),
}

FAMILY: dict[str, tuple[str, ...]] = {
    "en": (
        *("Ashdown", "Barrow", "Birchall", "Blythe", "Carver", "Chandra", "Coombe", "Dalby"),
        *("Dunmore", "Ellery", "Fairley", "Fenwick", "Garland", "Hale", "Hartnell", "Iqbal"),
        *("Jessop", "Kendrick", "Lacey", "Larkin", "Marlowe", "Mehta", "Merrick", "Nash"),
        *("Okafor", "Orchard", "Pryce", "Quill", "Redfern", "Rowntree", "Sharma", "Sorrell"),
        *("Tate", "Thorne", "Underhill", "Vance", "Wainwright", "Whitlock", "Yardley"),
    ),
    "de": ("Adler", "Brandt", "Claasen", "Dorn", "Ebert", "Falke", "Hagen", "Kessler", "Lindner"),
    "fr": ("Aubert", "Belmont", "Carpentier", "Delorme", "Fontaine", "Girard", "Lemoine", "Perrin"),
    "nl": ("Bakker", "Dekker", "Hoekstra", "Kuiper", "Meijer", "Postma", "Smit", "Visser"),
}


@dataclass(frozen=True)
class Place:
    """Where customers live: how dates and words look to them, and what their clocks say."""

    locale: str
    timezone: str
    language: str
    share: float


PLACES: tuple[Place, ...] = (
    Place("en-GB", "Europe/London", "en", 0.66),
    Place("en-IE", "Europe/Dublin", "en", 0.07),
    Place("de-DE", "Europe/Berlin", "de", 0.08),
    Place("fr-FR", "Europe/Paris", "fr", 0.06),
    Place("nl-NL", "Europe/Amsterdam", "nl", 0.05),
    Place("en-US", "America/New_York", "en", 0.04),
    Place("en-US", "America/Los_Angeles", "en", 0.02),
    Place("en-AU", "Australia/Sydney", "en", 0.02),
)

"""The words a made-up homeware, food, gift and pet shop is built from."""

from dataclasses import dataclass

# A style is a taste that crosses departments; its collections put it into the titles.
STYLES: dict[str, tuple[str, ...]] = {
    "coastal": ("Harbour", "Saltmarsh", "Driftwood", "Lighthouse", "Tideway"),
    "botanical": ("Fern", "Meadow", "Orchard", "Willow", "Clover"),
    "nordic": ("Fjord", "Birch", "Aurora", "Hygge", "Winterlight"),
    "heritage": ("Manor", "Tweed", "Foundry", "Abbey", "Georgian"),
    "playful": ("Confetti", "Pebble", "Pinwheel", "Sherbet", "Ziggy"),
    "rustic": ("Hearth", "Bramble", "Barnyard", "Cobble", "Farmhouse"),
}

SETS = (("", 1.0), ("Set of 2", 1.8), ("Set of 4", 3.2))
SIZES = (("Small", 0.75), ("Medium", 1.0), ("Large", 1.45))
PACKS = (("Single", 1.0), ("Twin Pack", 1.85), ("Family Pack", 3.1))
WEIGHTS = (("250 g", 1.0), ("500 g", 1.8), ("1 kg", 3.3))
BAGS = (("1.5 kg", 1.0), ("3 kg", 1.8), ("7 kg", 3.6))


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """A category at the bottom of the tree.

    price : the usual price in minor units; gap_days : 0, or how long one lasts;
    season : the part of the year in which it sells; partner : what goes with it.
    """

    department: str
    name: str
    nouns: tuple[str, ...]
    makes: tuple[str, ...]
    sizes: tuple[tuple[str, float], ...]
    price: int
    purpose: str
    partner: str
    gap_days: int = 0
    season: str = ""
    returned: float = 0.04
    weight: float = 1.0


BRANDS: dict[str, tuple[str, ...]] = {
    "Kitchen": ("Pottlebrook", "Ladle & Larch", "Copperwick", "Marrowdown", "Tansy Kiln"),
    "Living": ("Lumenfold", "Wickmere", "Oat & Ember", "Softacre", "Hallowlea"),
    "Bed and bath": ("Drowsley", "Linenmoor", "Foamwell", "Pillowden", "Quillbath"),
    "Garden": ("Spadeford", "Trellisby", "Mossgate", "Pottingham Row", "Dewberrow"),
    "Food and drink": ("Beanfathom", "Jarlington", "Crumbleigh", "Leaf & Ladder", "Honeythorpe"),
    "Gifts": ("Ribbonhurst", "Paperfinch", "Merrybox", "Puzzlewick", "Inklestone"),
    "Pets": ("Waggleton", "Purrfield", "Biscuit & Bark", "Whiskerby", "Featherbeck"),
    "Household": ("Sudsworth", "Brightcloth", "Peglane", "Cleanacre", "Tidywell"),
}

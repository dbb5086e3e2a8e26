"""Harbour Light Coffee Roasters: sells beans to cafés on invoice and to households online, in US dollars."""

from __future__ import annotations

from rutterframe.demo.books.company import (
    Cash,
    Company,
    Cost,
    Item,
    Market,
    Product,
    Shop,
    Variant,
    Vendor,
    Wholesale,
)

_DOLLARS = Market("USD", share=100, rate=10_000, tax=825, taxed=40)

_SIZES = (("250 g whole bean", 100, "250W"), ("250 g ground", 100, "250G"), ("1 kg whole bean", 340, "1KW"))


def _beans(title: str, description: str, code: str, price: int, weight: int) -> Product:
    variants = tuple(
        Variant(size, price * percent // 100 // 50 * 50, f"{code}-{suffix}")
        for size, percent, suffix in _SIZES
    )
    return Product(title, description, code, weight, variants)


def _piece(title: str, description: str, code: str, price: int, weight: int) -> Product:
    return Product(title, description, code, weight, (Variant("Default", price, code),))


_PRODUCTS = (
    _beans("Harbour Light Espresso", "House blend: chocolate, hazelnut, a long finish.", "HLE", 1550, 30),
    _beans("Fog Bell Filter Blend", "For the drip machine: toffee and red apple.", "FBF", 1500, 22),
    _beans("Ethiopia Guji", "Washed heirloom: bergamot, peach, jasmine.", "ETG", 1950, 14),
    _beans("Colombia Huila", "Washed caturra: caramel, plum, cocoa.", "COH", 1700, 15),
    _beans("Guatemala Antigua", "Washed bourbon: almond, orange, dark sugar.", "GUA", 1750, 10),
    _beans("Kenya Nyeri AB", "Washed SL28: blackcurrant, tomato leaf, honey.", "KEN", 2150, 7),
    _beans("Sumatra Gayo", "Wet-hulled: cedar, dark chocolate, spice.", "SUM", 1650, 8),
    _beans("Night Watch Decaf", "Swiss water decaffeinated: malt and milk chocolate.", "NWD", 1700, 9),
    _beans("Holiday Blend", "November to January: clove, orange peel, fudge.", "HOL", 1800, 12),
    Product(
        "Gift Box: Three Lights",
        "Three 250 g bags in a printed box.",
        "GB3",
        10,
        (Variant("Whole bean", 4900, "GB3-W"), Variant("Ground", 4900, "GB3-G")),
    ),
    _piece("Brew Class for Two", "Two hours at the roastery, coffee included.", "CLS2", 9500, 2),
    _piece("Ceramic Dripper", "Two cups, glazed in white.", "DRIP", 2800, 6),
    _piece("Paper Filters, 100", "For the ceramic dripper.", "FIL100", 850, 9),
    _piece("Hand Grinder", "Steel burrs, 30 g hopper.", "GRIND", 8900, 3),
    _piece("Enamel Mug", "350 ml, navy rim.", "MUG", 1650, 6),
    _piece("Tote Bag", "Heavy cotton, printed lighthouse.", "TOTE", 1900, 3),
    Product(
        "Cold Brew Kit",
        "Jar, mesh filter and 500 g of blend.",
        "CBK",
        4,
        (Variant("Default", 4200, "CBK"),),
        status="archived",
    ),
    Product(
        "Spring Blend (preview)",
        "Not on sale yet.",
        "SPR",
        0,
        (Variant("250 g whole bean", 1800, "SPR-250W"),),
        status="draft",
    ),
    Product(
        "Keeper's Reserve 2024",
        "A single lot, sold out.",
        "KR24",
        4,
        (Variant("250 g whole bean", 2600, "KR24-250W"),),
        listed=False,
    ),
)

_SHOP = Shop(
    connection="roaster-shopify",
    platform="shopify",
    daily=2.1,
    newcomers=38,
    season=(92, 96, 92, 90, 94, 84, 78, 80, 96, 108, 170, 220),
    markets=(_DOLLARS,),
    products=_PRODUCTS,
    fee=290,
    shipping=590,
    free_from=6000,
    guests=5,
)

_WHOLESALE = Wholesale(
    customers=34,
    cadence=46,
    season=(92, 94, 100, 100, 98, 94, 90, 92, 104, 108, 116, 112),
    markets=(_DOLLARS,),
    items=(
        Item("Harbour Light Espresso, kg", 1980, 8, 40),
        Item("Fog Bell Filter Blend, kg", 1890, 6, 30),
        Item("Ethiopia Guji, kg", 2650, 3, 12),
        Item("Colombia Huila, kg", 2240, 4, 18),
        Item("Night Watch Decaf, kg", 2280, 2, 8),
        Item("Paper cups 8 oz, sleeve of 50", 640, 4, 20),
        Item("Grinder service, hour", 8500, 1, 3),
        Item("Barista training, half day", 32000, 1, 1),
    ),
    kinds=(
        "Café",
        "Coffee House",
        "Bakery",
        "Hotel",
        "Bistro",
        "Diner",
        "Grocer",
        "Deli",
        "Roadhouse",
        "Bookshop Café",
    ),
)

_VENDORS = (
    Vendor(
        "Andes Green Importers LLC",
        "Green coffee",
        "USD",
        21,
        30,
        (Item("Colombia Huila EP, kg", 710, 120, 260), Item("Guatemala Antigua SHB, kg", 760, 60, 140)),
    ),
    Vendor(
        "Rift Valley Trading Co.",
        "Green coffee",
        "USD",
        35,
        45,
        (Item("Ethiopia Guji G1, kg", 920, 60, 150), Item("Kenya Nyeri AB, kg", 1080, 30, 70)),
    ),
    Vendor(
        "Sumatra Direct", "Green coffee", "USD", 60, 60, (Item("Gayo G1 triple picked, kg", 690, 60, 180),)
    ),
    Vendor(
        "PackRight Supply",
        "Packaging",
        "USD",
        28,
        30,
        (Item("Valve bags 250 g, 500 pcs", 9800, 2, 6), Item("Shipping cartons, 100 pcs", 7400, 1, 5)),
    ),
    Vendor("Bay Freight Lines", "Freight", "USD", 14, 15, (Item("Pallet, regional", 11500, 1, 3),)),
    Vendor(
        "Pier 12 Properties", "Rent", "USD", 30, 10, (Item("Roastery and office, one month", 198000, 1, 1),)
    ),
    Vendor(
        "Coastal Gas & Electric",
        "Utilities",
        "USD",
        30,
        20,
        (Item("Gas, therms", 145, 180, 420), Item("Electricity, kWh", 19, 900, 1700)),
    ),
    Vendor("Harbor Linen & Cleaning", "Cleaning", "USD", 15, 30, (Item("Cleaning, hour", 4200, 3, 7),)),
    Vendor(
        "Ledgerwood Accounting", "Professional fees", "USD", 30, 30, (Item("Bookkeeping, hours", 6500, 5, 9),)
    ),
    Vendor(
        "Osaka Dripper Works",
        "Equipment for resale",
        "JPY",
        120,
        45,
        (Item("Ceramic dripper V-60, piece", 1180, 60, 160),),
    ),
)

_COSTS = (
    Cost("Shop platform subscription", "Software", 30, 7900, 0, card=True),
    Cost("Accounting software", "Software", 30, 6500, 0, card=True),
    Cost("Phones and internet", "Utilities", 30, 18500, 4, card=True),
    Cost("Search ads", "Advertising", 10, 21000, 35, card=True),
    Cost("Fuel, delivery van", "Vehicle", 8, 6400, 30, card=True),
    Cost("Staff meals", "Meals", 17, 5200, 45, card=True),
    Cost("Cupping trip", "Travel", 75, 64000, 40, card=True),
    Cost("Roaster maintenance", "Repairs", 60, 42000, 50, card=False),
    Cost("Bank fees", "Bank charges", 30, 3500, 10, card=False),
    Cost("Insurance premium", "Insurance", 91, 118000, 2, card=False),
)

ROASTER = Company(
    slug="roaster",
    name="Harbour Light Coffee Roasters",
    platform="quickbooks",
    base="USD",
    growth=0.26,
    markets=(_DOLLARS, Market("JPY", 0, 1_480_000, 0, 0), Market("KWD", 0, 3_070, 0, 0)),
    cash=(
        Cash("Operating Checking", "checking", "USD", "First Harbor Bank", 5_800_000, "cash"),
        Cash("Reserve Savings", "savings", "USD", "First Harbor Bank", 2_500_000, "savings"),
        Cash("Payroll Checking", "checking", "USD", "Bayside Credit Union", 50_000, "payroll"),
    ),
    wholesale=_WHOLESALE,
    shops=(_SHOP,),
    vendors=_VENDORS,
    costs=_COSTS,
    wages=575_000,
    loan=4_800_000,
    equipment=9_600_000,
)

"""Northfold Outdoor: makes tents, packs and jackets, and sells them in euros, pounds and dollars."""

from __future__ import annotations

from dataclasses import replace

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

_EUROS = Market("EUR", share=62, rate=10_000, tax=1900, taxed=100)
_POUNDS = Market("GBP", share=22, rate=8_600, tax=2000, taxed=100)
_DOLLARS = Market("USD", share=16, rate=10_900, tax=700, taxed=45)


def _sized(title: str, description: str, code: str, price: int, weight: int) -> Product:
    return Product(
        title,
        description,
        code,
        weight,
        tuple(Variant(size, price, f"{code}-{size}") for size in ("S", "M", "L", "XL")),
    )


def _coloured(title: str, description: str, code: str, price: int, weight: int) -> Product:
    colours = (("Moss", "MOS"), ("Slate", "SLT"), ("Rust", "RST"))
    return Product(
        title,
        description,
        code,
        weight,
        tuple(Variant(name, price, f"{code}-{short}") for name, short in colours),
    )


_PRODUCTS = (
    _sized("Skerry Rain Jacket", "Three layers, taped seams, 410 g.", "SKJ", 18900, 14),
    _sized("Fell Fleece", "Recycled grid fleece.", "FFL", 8900, 16),
    _sized("Tarn Trekking Trousers", "Stretch, zip-off.", "TTT", 9900, 11),
    _sized("Merino Base Layer", "190 g merino, long sleeve.", "MBL", 6900, 13),
    _sized("Ridge Down Vest", "700 fill, packs into its pocket.", "RDV", 13900, 7),
    _coloured("Lochan 1 Tent", "One person, 1.1 kg, two doors.", "LT1", 27900, 7),
    _coloured("Lochan 2 Tent", "Two people, 1.7 kg, two doors.", "LT2", 34900, 9),
    _coloured("Bothy Family Tent", "Four people, standing height.", "BFT", 56900, 3),
    _coloured("Strath 28 Daypack", "28 litres, vented back.", "S28", 9900, 15),
    _coloured("Strath 55 Trekking Pack", "55 litres, adjustable.", "S55", 18900, 8),
    _coloured("Corrie Sleeping Bag", "Synthetic, comfort 2 °C.", "CSB", 14900, 7),
    _coloured("Moor Sleeping Mat", "Insulated, 520 g.", "MSM", 8900, 9),
    Product("Titanium Mug", "450 ml, folding handle.", "TIM", 10, (Variant("Default", 2900, "TIM"),)),
    Product("Spark Stove", "Gas, 85 g.", "SPS", 8, (Variant("Default", 4900, "SPS"),)),
    Product("Dry Bag Set", "4, 8 and 12 litres.", "DBS", 9, (Variant("Default", 3400, "DBS"),)),
    Product("Repair Kit", "Patches, tape, needle and thread.", "REP", 5, (Variant("Default", 1400, "REP"),)),
    Product("Headlamp 300", "Rechargeable, 300 lumens.", "HL3", 8, (Variant("Default", 3900, "HL3"),)),
    Product(
        "Winter Gaiters",
        "Out of the range.",
        "WGA",
        2,
        (Variant("M", 4500, "WGA-M"), Variant("L", 4500, "WGA-L")),
        status="archived",
    ),
    Product(
        "Lochan UL Tent (prototype)",
        "Not on sale yet.",
        "LUL",
        0,
        (Variant("Default", 49900, "LUL"),),
        status="draft",
    ),
    Product(
        "Fjord Poncho", "Recalled and deleted.", "FJP", 3, (Variant("One size", 5900, "FJP"),), listed=False
    ),
)

_SHOPIFY = Shop(
    connection="gear-shopify",
    platform="shopify",
    daily=1.45,
    newcomers=66,
    season=(58, 66, 98, 132, 156, 160, 132, 104, 82, 72, 92, 100),
    markets=(_EUROS, _POUNDS, _DOLLARS),
    products=_PRODUCTS,
    fee=270,
    shipping=690,
    free_from=15000,
    guests=6,
)

_AMAZON = replace(
    _SHOPIFY,
    connection="gear-amazon",
    platform="amazon",
    daily=1.1,
    newcomers=91,
    season=(62, 66, 90, 112, 132, 138, 150, 104, 84, 76, 108, 118),
    markets=(_EUROS, _POUNDS),
    products=tuple(
        replace(product, variants=tuple(replace(v, code=f"FBA-{v.code}") for v in product.variants))
        for product in (_PRODUCTS[place] for place in (1, 3, 8, 11, 12, 13, 14, 16))
    ),
    fee=1500,
    shipping=490,
    free_from=3500,
    guests=0,
)

_WHOLESALE = Wholesale(
    customers=30,
    cadence=54,
    season=(78, 112, 148, 140, 122, 98, 82, 86, 104, 100, 76, 54),
    markets=(_EUROS, _POUNDS, _DOLLARS),
    items=(
        Item("Skerry Rain Jacket", 9900, 4, 24),
        Item("Fell Fleece", 4500, 6, 30),
        Item("Strath 28 Daypack", 5200, 4, 20),
        Item("Strath 55 Trekking Pack", 9800, 2, 10),
        Item("Lochan 2 Tent", 18200, 2, 9),
        Item("Corrie Sleeping Bag", 7600, 3, 12),
        Item("Moor Sleeping Mat", 4600, 4, 16),
        Item("Point-of-sale display", 12500, 1, 1),
    ),
    kinds=(
        "Outdoor",
        "Mountain Sports",
        "Trekking",
        "Alpine Store",
        "Camping",
        "Sport",
        "Expedition",
        "Hiking Shop",
    ),
)

_VENDORS = (
    Vendor(
        "Saigon Sewing Works",
        "Contract manufacturing",
        "USD",
        36,
        45,
        (Item("Jackets, piece", 4350, 60, 130), Item("Packs, piece", 2900, 50, 120)),
    ),
    Vendor(
        "Tessitura Valdora S.p.A.", "Fabrics", "EUR", 24, 30, (Item("Ripstop 20D, metre", 640, 300, 900),)
    ),
    Vendor("Kojima Zippers K.K.", "Trims", "JPY", 75, 60, (Item("Coil zipper #5, piece", 96, 1500, 4200),)),
    Vendor("Pennine Pole Co.", "Trims", "GBP", 50, 30, (Item("DAC pole set", 1450, 60, 150),)),
    Vendor(
        "Hansa Logistik GmbH", "Freight", "EUR", 12, 14, (Item("Parcel and pallet freight", 42000, 1, 2),)
    ),
    Vendor(
        "Ostend Container Line", "Freight", "EUR", 60, 30, (Item("Container 20 ft, share", 185000, 1, 1),)
    ),
    Vendor(
        "Speicherstadt Immobilien KG",
        "Rent",
        "EUR",
        30,
        10,
        (Item("Warehouse and office, one month", 310000, 1, 1),),
    ),
    Vendor("Karton Lange OHG", "Packaging", "EUR", 18, 30, (Item("Shipping box, 100 pcs", 8400, 3, 9),)),
    Vendor("Textilprüfung Süd", "Testing", "EUR", 34, 45, (Item("Water column test", 14500, 1, 5),)),
    Vendor("Mersey Couriers", "Freight", "GBP", 16, 30, (Item("Parcel, UK", 640, 20, 70),)),
    Vendor("Nordlicht Energie", "Utilities", "EUR", 30, 20, (Item("Electricity, kWh", 31, 1100, 2300),)),
    Vendor(
        "Kanzlei Brandt & Weiß", "Professional fees", "EUR", 91, 30, (Item("Advice, hours", 18500, 4, 11),)
    ),
    Vendor(
        "Camden Trade Shows Ltd",
        "Marketing",
        "GBP",
        120,
        30,
        (Item("Stand, square metre", 19500, 6, 12),),
    ),
)

_COSTS = (
    Cost("Shop platform subscription", "Software", 30, 19500, 0, card=True),
    Cost("Design software", "Software", 30, 12800, 0, card=True),
    Cost("Phones and internet", "Utilities", 30, 24000, 4, card=True),
    Cost("Social ads", "Advertising", 9, 38000, 40, card=True),
    Cost("Train and flights", "Travel", 21, 31000, 55, card=True),
    Cost("Samples and prototypes", "Product development", 24, 54000, 50, card=False),
    Cost("Bank fees", "Bank charges", 30, 4200, 10, card=False),
    Cost("Insurance premium", "Insurance", 91, 162000, 2, card=False),
)

GEAR = Company(
    slug="gear",
    name="Northfold Outdoor",
    platform="xero",
    base="EUR",
    growth=0.24,
    markets=(_EUROS, _POUNDS, _DOLLARS, Market("JPY", 0, 1_630_000, 0, 0)),
    cash=(
        Cash("Geschäftskonto", "checking", "EUR", "Elbe Bank", 9_500_000, "cash"),
        Cash("UK Current Account", "checking", "GBP", "Thames & Mersey Bank", 1_800_000, "cash"),
        Cash("US Checking", "checking", "USD", "Hudson Trust", 2_600_000, "cash"),
        Cash("Tagesgeld", "savings", "EUR", "Elbe Bank", 4_000_000, "savings"),
        Cash("Lohnkonto", "checking", "EUR", "Sparkasse Nordwest", 80_000, "payroll"),
    ),
    wholesale=_WHOLESALE,
    shops=(_SHOPIFY, _AMAZON),
    vendors=_VENDORS,
    costs=_COSTS,
    wages=1_850_000,
    loan=8_000_000,
    equipment=14_500_000,
)

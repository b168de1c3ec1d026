"""What the sandbox company buys and what its suppliers are called.

All names are invented. A trade has items with a usual net price and the German VAT rate; suppliers abroad deliver
within the Community, so their invoices carry no VAT whatever the item (category K).
"""

from decimal import Decimal

import msgspec


class Item(msgspec.Struct, frozen=True):
    code: str
    german: str
    english: str
    price: Decimal
    rate: Decimal
    unit: str = "C62"
    """UN/ECE Recommendation 20: C62 piece, HUR hour, KGM kilogram, MTR metre, XPK package."""


class Trade(msgspec.Struct, frozen=True):
    words: dict[str, str]
    """The trade in a company's name, by country."""
    items: tuple[Item, ...]


def _item(code: str, german: str, english: str, price: str, rate: int = 19, unit: str = "C62") -> Item:
    return Item(code, german, english, Decimal(price), Decimal(rate), unit)


TRADES: tuple[Trade, ...] = (
    Trade(
        {"DE": "Bürobedarf", "AT": "Papier und Büro", "FR": "Papeterie", "NL": "Kantoorartikelen"},
        (
            _item("BB-1040", "Kopierpapier A4 80 g", "Copy paper A4 80 g", "4.65", unit="XPK"),
            _item("BB-2210", "Ordner breit 80 mm", "Lever arch file 80 mm", "2.85"),
            _item("BB-3107", "Tonerkartusche schwarz", "Toner cartridge black", "84.90"),
            _item("BB-3350", "Bürodrehstuhl", "Office swivel chair", "289.00"),
            _item("BB-4021", "Whiteboard 120 x 90", "Whiteboard 120 x 90", "119.50"),
            _item("BB-7001", "Fachbuch Arbeitsschutz", "Handbook of work safety", "46.73", 7),
        ),
    ),
    Trade(
        {"DE": "Elektrotechnik", "AT": "Elektroanlagen", "FR": "Électricité", "NL": "Elektrotechniek"},
        (
            _item("EL-0115", "Mantelleitung NYM 3x1,5", "Sheathed cable 3x1.5", "0.89", unit="MTR"),
            _item("EL-0420", "Leitungsschutzschalter B16", "Circuit breaker B16", "7.35"),
            _item("EL-0733", "LED-Panel 62 x 62", "LED panel 62 x 62", "58.40"),
            _item("EL-1200", "Frequenzumrichter 2,2 kW", "Frequency converter 2.2 kW", "412.00"),
            _item("EL-9000", "Montage Elektriker", "Electrician on site", "68.50", unit="HUR"),
        ),
    ),
    Trade(
        {"DE": "Werkzeuge", "AT": "Werkzeugbau", "FR": "Outillage", "NL": "Gereedschappen"},
        (
            _item("WZ-1101", "Spiralbohrer HSS 8 mm", "Twist drill HSS 8 mm", "6.20"),
            _item("WZ-1450", "Wendeschneidplatte CNMG", "Indexable insert CNMG", "11.75"),
            _item("WZ-2075", "Drehmomentschlüssel", "Torque wrench", "138.00"),
            _item("WZ-3300", "Akkuschrauber 18 V", "Cordless driver 18 V", "219.00"),
            _item("WZ-5120", "Werkbank 1500 mm", "Workbench 1500 mm", "645.00"),
        ),
    ),
    Trade(
        {"DE": "Verpackungen", "AT": "Verpackung", "FR": "Emballages", "NL": "Verpakkingen"},
        (
            _item("VP-0301", "Faltkarton 400 x 300", "Folding box 400 x 300", "0.74"),
            _item("VP-0512", "Stretchfolie 500 mm", "Stretch film 500 mm", "9.80"),
            _item("VP-0777", "Europalette", "Euro pallet", "16.90"),
            _item("VP-0900", "Packband braun", "Packing tape brown", "1.95"),
            _item("VP-1204", "Gitterbox", "Mesh box pallet", "184.00"),
        ),
    ),
    Trade(
        {"DE": "Lebensmittelhandel", "AT": "Feinkost", "FR": "Alimentation", "NL": "Levensmiddelen"},
        (
            _item("LM-0010", "Kaffeebohnen Hausmischung", "Coffee beans house blend", "13.40", 7, "KGM"),
            _item("LM-0042", "Apfelsaft naturtrüb", "Apple juice cloudy", "1.62"),
            _item("LM-0105", "Vollmilch 3,5 %", "Whole milk 3.5 %", "1.09", 7),
            _item("LM-0230", "Mineralwasser Kasten", "Mineral water crate", "5.85"),
            _item("LM-0311", "Obstkorb gemischt", "Mixed fruit basket", "24.30", 7),
            _item("LM-0600", "Siebträgermaschine", "Espresso machine", "890.00"),
        ),
    ),
    Trade(
        {"DE": "Software und Beratung", "AT": "Datentechnik", "FR": "Informatique", "NL": "Automatisering"},
        (
            _item("IT-1000", "Beratung Systemtechnik", "System engineering", "98.00", unit="HUR"),
            _item("IT-1100", "Programmierung", "Software development", "112.00", unit="HUR"),
            _item("IT-2300", "Monitor 27 Zoll", "Monitor 27 inch", "248.00"),
            _item("IT-2410", "Dockingstation", "Docking station", "164.00"),
            _item("IT-3001", "Wartung Server je Monat", "Server maintenance per month", "390.00"),
        ),
    ),
    Trade(
        {"DE": "Druckerei", "AT": "Druck und Satz", "FR": "Imprimerie", "NL": "Drukkerij"},
        (
            _item("DR-0100", "Faltblatt DIN lang", "Leaflet DL", "0.21"),
            _item("DR-0200", "Visitenkarten 250 Stück", "Business cards 250", "32.00", unit="XPK"),
            _item("DR-0310", "Katalog 64 Seiten", "Catalogue 64 pages", "3.48", 7),
            _item("DR-0400", "Roll-up Banner", "Roll-up banner", "89.00"),
            _item("DR-0500", "Messewand bedruckt", "Printed trade fair wall", "560.00"),
        ),
    ),
    Trade(
        {"DE": "Gebäudereinigung", "AT": "Reinigung", "FR": "Nettoyage", "NL": "Schoonmaak"},
        (
            _item("GR-0100", "Unterhaltsreinigung", "Routine cleaning", "27.80", unit="HUR"),
            _item("GR-0200", "Glasreinigung", "Window cleaning", "34.20", unit="HUR"),
            _item("GR-0310", "Reinigungsmittel neutral", "Neutral cleaner", "8.45"),
            _item("GR-0450", "Falthandtücher Karton", "Folded towels, box", "22.90", unit="XPK"),
            _item("GR-0700", "Scheuersaugmaschine", "Scrubber dryer", "1240.00"),
        ),
    ),
)

SURNAMES: dict[str, tuple[str, ...]] = {
    "DE": (
        "Kessler", "Brandhofer", "Uhlmeier", "Rahnsdorf", "Steinkamp", "Wellbrock", "Hagenau", "Moosbichler",
        "Tiedemann", "Querfurth", "Lindenbach", "Oesterle", "Vossberg", "Drechsel", "Jankowiak", "Petersdorf",
    ),
    "AT": ("Oberlechner", "Hinterwaldner", "Pichlbauer", "Zangerle", "Trattner", "Wurmsdobler", "Enzenhofer"),
    "FR": ("Vauclin", "Delorbeau", "Marchevent", "Roquetin", "Fauvernier", "Bellachaume", "Tisserond", "Grandvoir"),
    "NL": ("Van der Steege", "Hoogendam", "De Wildt", "Brouwerhof", "Ten Kattelaar", "Zuidervliet", "Kuipstra"),
}  # fmt: skip

LEGAL_FORMS: dict[str, tuple[str, ...]] = {
    "DE": ("GmbH", "GmbH & Co. KG", "KG", "AG", "e.K."),
    "AT": ("GmbH", "KG", "OG"),
    "FR": ("SARL", "SAS", "SA"),
    "NL": ("B.V.", "V.O.F."),
}

TOWNS: dict[str, tuple[tuple[str, str], ...]] = {
    "DE": (("33602", "Bielefeld"), ("90402", "Nürnberg"), ("28195", "Bremen"), ("70173", "Stuttgart")),
    "AT": (("4020", "Linz"), ("8010", "Graz"), ("6020", "Innsbruck")),
    "FR": (("67000", "Strasbourg"), ("69002", "Lyon"), ("44000", "Nantes")),
    "NL": (("3511 AB", "Utrecht"), ("7511 JE", "Enschede"), ("5611 CP", "Eindhoven")),
}  # fmt: skip

STREETS: dict[str, tuple[str, ...]] = {
    "DE": ("Gewerbestraße", "Am Alten Hafen", "Industriering", "Mühlenweg", "Bahnhofstraße"),
    "AT": ("Handelskai", "Werkstraße", "Linzer Straße"),
    "FR": ("rue des Tanneurs", "quai du Canal", "avenue de la Gare"),
    "NL": ("Havenstraat", "Industrieweg", "Molenkade"),
}

GIVEN_NAMES: tuple[str, ...] = ("Anna", "Jonas", "Mira", "Lukas", "Claire", "Sanne", "Tobias", "Ines")

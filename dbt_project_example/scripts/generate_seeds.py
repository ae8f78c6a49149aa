"""Write the CSV files in seeds/: half a year of business of a small coffee shop.

    python scripts/generate_seeds.py [folder]

Standard library only. The random seed and all dates are fixed, and only
`Random.random()` is used, whose sequence Python guarantees across versions:
running the script twice gives the same bytes.

The data is as untidy as real data. Each trap is marked "trap:" below, and some
model or test in the project deals with it.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeVar

SEED = 20260101
FIRST_DAY = datetime(2026, 1, 1)
LAST_DAY = datetime(2026, 6, 30)
CUSTOMERS = 220
ORDERS = 600
VISITS_WITHOUT_ORDER = 170

T = TypeVar("T")
Row = dict[str, Any]

# fmt: off
FIRST_NAMES = [
    "Ada", "Amir", "Anna", "Ben", "Carla", "Chen", "Dora", "Elif", "Emil", "Eva", "Farid", "Femi",
    "Greta", "Hana", "Hugo", "Ines", "Ivan", "Jana", "Jonas", "Kaya", "Lars", "Lea", "Luca", "Maja",
    "Marco", "Mira", "Nils", "Noor", "Olga", "Omar", "Paul", "Rosa", "Sami", "Tara", "Theo", "Yuki",
]
LAST_NAMES = [
    "Adler", "Bauer", "Blum", "Castro", "Diaz", "Evans", "Fischer", "Garcia", "Hansen", "Ito",
    "Jensen", "Kaya", "Keller", "Lang", "Lopez", "Meyer", "Moreau", "Novak", "Okafor", "Peters",
    "Quist", "Rossi", "Sato", "Schmidt", "Silva", "Tanaka", "Urban", "Vogel", "Weber", "Yilmaz",
]
# fmt: on

PRODUCTS = [
    # sku, name, category, price, cost, active
    ("BEAN-001", "House Blend 250 g", "beans", 890, 410, True),
    ("BEAN-002", "House Blend 1 kg", "beans", 2890, 1480, True),
    ("BEAN-003", "Ethiopia Guji 250 g", "beans", 1290, 640, True),
    ("BEAN-004", "Colombia Huila 250 g", "beans", 1190, 560, True),
    ("BEAN-005", "Decaf Peru 250 g", "beans", 1150, 530, True),
    ("BEAN-006", "Espresso Nero 1 kg", "beans", 2690, 1350, True),
    ("BEAN-007", "Winter Roast 250 g", "beans", 1090, 520, False),
    ("BREW-001", "Pour-over Dripper", "brewing", 2400, 980, True),
    ("BREW-002", "French Press 1 l", "brewing", 3490, 1510, True),
    ("BREW-003", "Moka Pot 6 cups", "brewing", 3990, 1890, True),
    ("BREW-004", "Gooseneck Kettle", "brewing", 6900, 3720, True),
    ("BREW-005", "Paper Filters (100)", "brewing", 490, 150, True),
    ("GRND-001", "Hand Grinder", "grinders", 8900, 4800, True),
    ("GRND-002", "Electric Grinder", "grinders", 14900, 8900, True),
    ("CUPS-001", "Espresso Cups (2)", "tableware", 1800, 700, True),
    ("CUPS-002", "Stoneware Mug", "tableware", 1600, 550, True),
    # trap: the supplier has not told us what this one costs
    ("CUPS-003", "Travel Mug", "tableware", 2200, None, True),
    ("GIFT-001", "Tasting Box", "gifts", 3900, 1900, True),
]


class Dice:
    """Every random decision, made from `Random.random()` alone."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random

    def chance(self, probability: float) -> bool:
        return self._random() < probability

    def between(self, low: int, high: int) -> int:
        """An integer from low to high, both included."""
        return low + int(self._random() * (high - low + 1))

    def one_of(self, items: Sequence[T]) -> T:
        return items[self.between(0, len(items) - 1)]

    def weighted(self, weights: dict[T, float]) -> T:
        point = self._random() * sum(weights.values())
        for item, weight in weights.items():
            point -= weight
            if point < 0:
                return item
        return item

    def moment(self, first: datetime, last: datetime) -> datetime:
        return first + timedelta(seconds=self.between(0, int((last - first).total_seconds())))


def loaded(moment: datetime, late: timedelta = timedelta()) -> datetime:
    """The loader runs every quarter of an hour and takes two minutes."""
    moment += late
    quarter = moment.replace(minute=moment.minute // 15 * 15, second=0)
    return quarter + timedelta(minutes=17)


def customers(dice: Dice) -> list[Row]:
    """One row for each *version* of a customer: the loader appends, it never updates."""
    rows: list[Row] = []
    for customer_id in range(1, CUSTOMERS + 1):
        first, last = dice.one_of(FIRST_NAMES), dice.one_of(LAST_NAMES)
        email = f"{first}.{last}{customer_id}@example.com".lower()
        created = dice.moment(FIRST_DAY - timedelta(days=120), LAST_DAY - timedelta(days=20))
        row: Row = {
            "customer_id": customer_id,
            "first_name": first,
            "last_name": last,
            # trap: people type their address in capitals and with blanks around it
            "email": f" {email.upper()} " if dice.chance(0.06) else email,
            # trap: a third of the phone numbers is missing
            "phone": None if dice.chance(0.35) else f"+1555{dice.between(1000000, 9999999)}",
            "country_code": dice.weighted({"US": 62, "CA": 18, "GB": 12, "DE": 8}),
            "acquisition_channel": dice.weighted(
                {"organic": 40, "newsletter": 20, "ads": 25, "referral": 10, None: 5}
            ),
            "marketing_opt_in": dice.chance(0.6),
            "created_at": created,
            "updated_at": created,
        }
        rows.append(row)
        if customer_id % 20 == 7:
            # trap: a second version of the same customer, with a new address
            moved = dice.moment(max(created, datetime(2026, 4, 2)), LAST_DAY)
            email = f"{last}.{first}@mail.example".lower()
            rows.append(row | {"email": email, "updated_at": moved})
        elif customer_id % 75 == 0:
            # trap: a customer who asked to be forgotten
            erased = dice.moment(max(created, datetime(2026, 5, 1)), LAST_DAY)
            rows.append(
                row
                | dict.fromkeys(("first_name", "last_name", "email", "phone"))
                | {"marketing_opt_in": False, "updated_at": erased}
            )
    rows.sort(key=lambda row: (row["updated_at"], row["customer_id"]))
    return [row | {"_loaded_at": loaded(row["updated_at"])} for row in rows]


def products() -> list[Row]:
    names = ("sku", "product_name", "category", "price_cents", "cost_cents", "is_active")
    return [
        {"product_id": number} | dict(zip(names, values, strict=True))
        for number, values in enumerate(PRODUCTS, start=1)
    ]


def order_status(dice: Dice, ordered_at: datetime) -> str:
    if ordered_at > LAST_DAY - timedelta(days=4):
        return dice.weighted({"pending": 50, "shipped": 42, "cancelled": 8})
    return dice.weighted({"completed": 84, "returned": 6, "cancelled": 10})


def orders_and_items(dice: Dice, known: list[Row], goods: list[Row]) -> tuple[list[Row], list[Row]]:
    signed_up: dict[int, datetime] = {}
    for row in known:
        signed_up.setdefault(row["customer_id"], row["created_at"])

    orders: list[Row] = []
    for _ in range(ORDERS):
        ordered_at = dice.moment(FIRST_DAY, LAST_DAY)
        # trap: guests order without an account
        customer_id = None if dice.chance(0.08) else dice.between(1, CUSTOMERS)
        if customer_id and signed_up[customer_id] > ordered_at:
            ordered_at = dice.moment(signed_up[customer_id], LAST_DAY)
        orders.append({"customer_id": customer_id, "ordered_at": ordered_at})
    orders.sort(key=lambda row: row["ordered_at"])

    items: list[Row] = []
    for order_id, order in enumerate(orders, start=1001):
        lines: list[Row] = []
        for _ in range(dice.weighted({1: 38, 2: 34, 3: 18, 4: 10})):
            product = dice.one_of(goods)
            if product["product_id"] in {line["product_id"] for line in lines}:
                continue
            lines.append(
                {
                    "order_item_id": len(items) + len(lines) + 1,
                    "order_id": order_id,
                    "product_id": product["product_id"],
                    "quantity": dice.weighted({1: 75, 2: 20, 3: 5}),
                    "unit_price_cents": product["price_cents"],
                    "_loaded_at": loaded(order["ordered_at"]),
                }
            )
        gross = sum(line["quantity"] * line["unit_price_cents"] for line in lines)
        coupon = dice.weighted({None: 78, "WELCOME10": 14, "SPRING15": 8})
        percent_off = {None: 0, "WELCOME10": 10, "SPRING15": 15}[coupon]
        status = order_status(dice, order["ordered_at"])
        items += lines
        order |= {
            "order_id": order_id,
            # trap: the checkout writes the status in lower case, the back office does not
            "status": status.capitalize() if dice.chance(0.2) else status,
            "sales_channel": dice.weighted({"web": 68, "app": 24, "phone": 8}),
            "coupon_code": coupon,
            "discount_cents": gross * percent_off // 100,
            "shipping_cents": 0 if gross >= 5000 else 495,
            "is_gift": dice.chance(0.12),
            # trap: the developers test in production
            "is_test": dice.chance(0.02),
            "_loaded_at": loaded(order["ordered_at"]),
            "_gross": gross,
        }
    return orders, items


def amount_due(order: Row) -> int:
    return int(order["_gross"] - order["discount_cents"] + order["shipping_cents"])


def payments(dice: Dice, orders: list[Row]) -> list[Row]:
    rows: list[Row] = []

    def pay(order: Row, method: str, cents: int, status: str, minutes: int) -> None:
        created = order["ordered_at"] + timedelta(minutes=minutes, seconds=dice.between(0, 59))
        rows.append(
            {
                "payment_id": 5001 + len(rows),
                "order_id": order["order_id"],
                "payment_method": method,
                "amount_cents": cents,
                "status": status,
                "created_at": created,
                "_loaded_at": loaded(created),
            }
        )

    for order in orders:
        due = amount_due(order)
        method = dice.weighted({"credit_card": 60, "paypal": 30, "bank_transfer": 10})
        status = order["status"].lower()
        if status == "pending":
            pay(order, method, due, "authorized", minutes=1)
            continue
        if status == "cancelled" and dice.chance(0.55):
            pay(order, method, due, "voided", minutes=1)
            continue
        # From here on money has moved, also for some cancelled orders. trap: what these have paid
        # goes back by bank transfer, outside the shop, and is no row in raw_refunds.
        if dice.chance(0.07):
            # trap: a failed attempt comes before the payment
            pay(order, method, due, "failed", minutes=1)
        if due > 3000 and dice.chance(0.12):
            # trap: two payments for one order
            card = dice.one_of((1000, 2000, 2500))
            pay(order, "gift_card", card, "captured", minutes=3)
            pay(order, method, due - card, "captured", minutes=4)
        else:
            pay(order, method, due, "captured", minutes=3)
    return rows


def refunds(dice: Dice, orders: list[Row], paid: list[Row]) -> list[Row]:
    rows: list[Row] = []
    left: dict[int, int] = {}  # by order: what is still to go back
    for order in orders:
        due, status = amount_due(order), order["status"].lower()
        if status == "returned":
            left[order["order_id"]] = due - order["shipping_cents"]
        elif status == "completed" and dice.chance(0.05):
            # trap: part of the money goes back, and the order stays completed
            left[order["order_id"]] = due // dice.between(3, 6)

    for payment in paid:
        cents = min(left.get(payment["order_id"], 0), payment["amount_cents"])
        if payment["status"] != "captured" or cents == 0:
            continue
        left[payment["order_id"]] -= cents
        delay = timedelta(days=dice.between(2, 15), minutes=dice.between(0, 600))
        refunded_at = min(payment["created_at"] + delay, LAST_DAY)
        rows.append(
            {
                "refund_id": 9001 + len(rows),
                "payment_id": payment["payment_id"],
                "amount_cents": cents,
                "reason": dice.weighted({"returned": 60, "damaged": 20, "late": 10, None: 10}),
                "refunded_at": refunded_at,
                "_loaded_at": loaded(refunded_at),
            }
        )
    return rows


def web_events(dice: Dice, orders: list[Row], goods: list[Row]) -> list[Row]:
    """Visits: some end in an order, some do not. A visitor signs in late, if at all."""
    events: list[Row] = []

    def visit(visitor: str, customer_id: int | None, start: datetime, buys: bool) -> None:
        campaign = dice.weighted({None: 55, "newsletter": 20, "ads": 15, "partner": 10})
        paths = ["page_view"] + ["product_view"] * dice.between(1, 3)
        paths += ["add_to_cart", "checkout"] if buys else []
        moment = start
        for number, kind in enumerate(paths):
            seen = [dice.one_of(goods)["product_id"] for _ in range(dice.between(1, 3))]
            properties: Row = {"path": "/" if kind == "page_view" else "/shop"}
            if number == 0 and campaign:
                properties["utm_source"] = campaign
            if kind in ("product_view", "add_to_cart"):
                properties["product_ids"] = sorted(set(seen))
            signed_in = customer_id is not None and (buys or number > 0)
            event = {
                "visitor_id": visitor,
                "customer_id": customer_id if signed_in else None,
                "event_type": kind,
                "occurred_at": moment,
                "properties": json.dumps(properties, separators=(",", ":")),
                # trap: phones without a network deliver a day later
                "_loaded_at": loaded(moment, timedelta(days=1 if dice.chance(0.02) else 0)),
            }
            events.append(event)
            moment += timedelta(seconds=dice.between(20, 400))

    for order in orders:
        if order["sales_channel"] == "web" and not order["is_test"] and dice.chance(0.45):
            start = order["ordered_at"] - timedelta(minutes=dice.between(45, 60))
            customer_id = order["customer_id"]
            visitor = f"v{customer_id:04d}" if customer_id else f"g{order['order_id']}"
            visit(visitor, customer_id, start, buys=True)
    for number in range(VISITS_WITHOUT_ORDER):
        customer_id = dice.between(1, CUSTOMERS) if dice.chance(0.5) else None
        visitor = f"v{customer_id:04d}" if customer_id else f"n{number:04d}"
        visit(visitor, customer_id, dice.moment(FIRST_DAY, LAST_DAY), buys=False)

    events.sort(key=lambda row: (row["occurred_at"], row["visitor_id"]))
    for number, event in enumerate(events, start=1):
        event["event_id"] = f"e{number:05d}"
    # trap: the loader delivers at least once, so now and then twice
    events += [
        event | {"_loaded_at": event["_loaded_at"] + timedelta(minutes=15)}
        for event in events
        if dice.chance(0.01)
    ]
    events.sort(key=lambda row: (row["_loaded_at"], row["event_id"]))
    return events


COLUMNS = {
    "raw_customers": """customer_id first_name last_name email phone country_code
        acquisition_channel marketing_opt_in created_at updated_at _loaded_at""",
    "raw_products": "product_id sku product_name category price_cents cost_cents is_active",
    "raw_orders": """order_id customer_id ordered_at status sales_channel coupon_code
        discount_cents shipping_cents is_gift is_test _loaded_at""",
    "raw_order_items": "order_item_id order_id product_id quantity unit_price_cents _loaded_at",
    "raw_payments": """payment_id order_id payment_method amount_cents status created_at
        _loaded_at""",
    "raw_refunds": "refund_id payment_id amount_cents reason refunded_at _loaded_at",
    "raw_web_events": """event_id visitor_id customer_id event_type occurred_at properties
        _loaded_at""",
}


def text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def write(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([text(row[column]) for column in columns] for row in rows)


def main(folder: Path) -> None:
    dice = Dice(SEED)
    tables: dict[str, list[Row]] = {}
    tables["raw_customers"] = customers(dice)
    tables["raw_products"] = goods = products()
    orders, items = orders_and_items(dice, tables["raw_customers"], goods)
    tables["raw_orders"], tables["raw_order_items"] = orders, items
    tables["raw_payments"] = paid = payments(dice, orders)
    tables["raw_refunds"] = refunds(dice, orders, paid)
    tables["raw_web_events"] = web_events(dice, orders, goods)
    for name, columns in COLUMNS.items():
        write(folder / f"{name}.csv", columns.split(), tables[name])
        print(f"{name}: {len(tables[name])} rows")


if __name__ == "__main__":
    default = Path(__file__).resolve().parent.parent / "seeds"
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else default)

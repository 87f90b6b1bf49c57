"""Checks that print one line each, and count."""

import decimal

import wire_types


class Checks:
    """Counts and prints; a failed check does not stop the ones after it."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def that(self, name, holds, found=""):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
        print(f"{'ok  ' if holds else 'FAIL'} {name}{'' if found == '' else f': {found}'}", flush=True)

    def equal(self, name, found, expected):
        self.that(name, found == expected, found if found == expected else f"{found!r}, expected {expected!r}")

    def money(self, name, found, expected):
        """Exact to the cent, whatever the SDK made of the number."""
        amount = exact(found)
        self.that(name, amount == expected, amount if amount == expected else f"{found!r}, expected {expected}")

    def matches(self, name, found, pattern):
        self.that(name, isinstance(found, str) and bool(pattern.fullmatch(found)), found)

    def types(self, name, model, raw):
        """The raw bytes against the SDK's model of them."""
        wrong = wire_types.mismatches(model, raw)
        self.that(f"{name}: types of the body", not wrong, "; ".join(wrong))


def exact(value):
    try:
        return decimal.Decimal(str(value))
    except decimal.InvalidOperation:
        return None

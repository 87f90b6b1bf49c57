"""Compares a raw JSON body with the annotations of an SDK model, field by field.

The SDK parses almost anything: `amount: "abc"` and `invoiceDate: "banana"` make models without a complaint. So the
models are read here as what they are, Zuora's published types, and the body is held against them.
"""

import datetime
import decimal
import enum
import re
import types
import typing

import pydantic

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

# Names that the tenant, the NetSuite connector or quotes added; any model may carry them.
CUSTOM = re.compile(r".*__(c|NS|QT)$")

# Where the SDK says "str" and Zuora's own samples show a number: its generator turns a decimal in text notation into
# plain text, but the wire has always carried numbers here. Text is still accepted.
NUMBERS_TYPED_AS_TEXT = {
    ("CreateAccountResponse", "contractedMrr"),
    ("CreateAccountResponse", "paidAmount"),
    ("CreateAccountResponse", "totalContractedValue"),
    ("CreateOrderResponse", "paidAmount"),
    ("FailedReason", "code"),
    ("GetProductRatePlanChargePricingTierType", "endingUnit"),
    ("GetProductRatePlanChargePricingTierType", "price"),
    ("GetProductRatePlanChargePricingTierType", "startingUnit"),
    ("GetProductRatePlanChargePricingType", "discountAmount"),
    ("GetProductRatePlanChargePricingType", "discountPercentage"),
    ("GetProductRatePlanChargePricingType", "includedUnits"),
    ("GetProductRatePlanChargePricingType", "overagePrice"),
    ("GetProductRatePlanChargePricingType", "price"),
    ("GetSubscriptionRatePlanChargesWithAllSegments", "dmrc"),
    ("GetSubscriptionRatePlanChargesWithAllSegments", "dtcv"),
    ("InvoiceItem", "balance"),
    ("InvoiceItem", "chargeAmount"),
    ("InvoiceItem", "taxAmount"),
    ("ProductRatePlanChargeRest", "defaultQuantity"),
    ("ProductRatePlanChargeRest", "includedUnits"),
    ("ProductRatePlanChargeRest", "maxQuantity"),
    ("ProductRatePlanChargeRest", "minQuantity"),
    ("ProductRatePlanChargeRest", "priceIncreasePercentage"),
}

# What Zuora documents or was recorded to send, and the SDK's models lack.
FIELDS_THE_SDK_LACKS = {
    ("Product", "allowFeatureChanges"),
    ("ProductRatePlan", "externalIdSourceSystem"),
    ("ProductRatePlan", "externallyManagedPlanIds"),
}


def mismatches(model, body):
    """Every place where `body`, parsed with `parse_float=Decimal`, is not what `model` says."""
    return list(_object(model, body, model.__name__))


def _object(model, body, path):
    if not isinstance(body, dict):
        yield f"{path}: {_shown(body)} is not an object"
        return
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    for name, value in body.items():
        if name in fields and name != "additional_properties":
            if (model.__name__, name) in NUMBERS_TYPED_AS_TEXT and _is_number(value):
                continue
            yield from _value(fields[name].annotation, value, f"{path}.{name}")
        elif not CUSTOM.match(name) and (model.__name__, name) not in FIELDS_THE_SDK_LACKS:
            yield f"{path}.{name}: the SDK's model has no such field"


def _value(annotation, value, path):
    """Nothing when `value` fits one reading of `annotation`; else why it does not fit the last one."""
    if value is None:
        return
    why = []
    for reading in _readings(annotation):
        why = list(_reading(reading, value, path))
        if not why:
            return
    yield from why


def _readings(annotation):
    """The alternatives of an annotation, without Optional and Annotated."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield from _readings(typing.get_args(annotation)[0])
    elif origin in (typing.Union, types.UnionType):
        for alternative in typing.get_args(annotation):
            if alternative is not type(None):
                yield from _readings(alternative)
    else:
        yield annotation


def _reading(reading, value, path):
    origin, arguments = typing.get_origin(reading), typing.get_args(reading)
    if origin in (list, typing.List):
        if not isinstance(value, list):
            yield f"{path}: {_shown(value)} is not a list"
            return
        for index, item in enumerate(value):
            yield from _value(arguments[0], item, f"{path}[{index}]")
    elif origin in (dict, typing.Dict) or reading is dict:
        if not isinstance(value, dict):
            yield f"{path}: {_shown(value)} is not an object"
    elif isinstance(reading, type) and issubclass(reading, pydantic.BaseModel):
        yield from _object(reading, value, path)
    elif isinstance(reading, type) and issubclass(reading, enum.Enum):
        if value not in {member.value for member in reading}:
            yield f"{path}: {_shown(value)} is not a value of {reading.__name__}"
    elif not _is(reading, value):
        yield f"{path}: {_shown(value)} is not {getattr(reading, '__name__', reading)}"


def _is(scalar, value):
    if scalar is typing.Any or scalar is object:
        return True
    if scalar in (float, decimal.Decimal):
        return _is_number(value)
    if scalar is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if scalar is datetime.date:
        return isinstance(value, str) and bool(DATE.fullmatch(value)) and _parses(datetime.date, value)
    if scalar is datetime.datetime:
        return isinstance(value, str) and _parses(datetime.datetime, value)
    return isinstance(scalar, type) and isinstance(value, scalar)


def _is_number(value):
    return isinstance(value, (int, decimal.Decimal)) and not isinstance(value, bool)


def _parses(kind, value):
    try:
        kind.fromisoformat(value)
    except ValueError:
        return False
    return True


def _shown(value):
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."

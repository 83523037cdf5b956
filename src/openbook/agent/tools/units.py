"""Conversion of units as a tool."""

from openbook.agent.declare import declared
from openbook.agent.slots import Quantity, Unit
from openbook.agent.tool import BadArguments, Tool
from openbook.agent.tools.arithmetic import written
from openbook.agent.tools.quantities import converted, read_quantity, unit_named


def convert_units(quantity: Quantity, unit: Unit) -> str:
    """Convert a quantity into another unit: length, mass, time, speed, temperature, data sizes.

    quantity: a number with its unit, as in 5 km, 20 °C, 3.5 GiB
    unit: the unit to convert to; kB is 1,000 bytes and KiB is 1,024
    """
    found = unit_named(unit)
    if found is None:
        raise BadArguments(f"{unit[:40]!r} is no unit that is known here: write it as km, pounds, °F or MiB")
    return f"{written(converted(read_quantity(quantity), found))} {found.names[0]}"


def unit_converter() -> Tool:
    """A calculation: of anything, and as trusted as that."""
    return declared(
        convert_units,
        content=["quantity", "unit"],
        derived=True,
        examples=(
            "convert 10 km to miles",
            "how many pounds are 5 kg",
            "what is 100 °F in celsius",
            "3 GB in MiB",
            "how many hours are 3 days",
            "express 90 minutes in hours",
        ),
    )

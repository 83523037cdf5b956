"""What kind of text an argument takes, said in its schema, so that a request can be laid out without a language model.

The kinds are JSON Schema's word ``format``: ``date`` and ``uri`` are the standard's, the others are ours. A tool of
anyone's that declares them is planned for like the shipped ones.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias, cast

from pydantic import Field

from openbook.values import Json

Kind: TypeAlias = Literal["question", "expression", "date", "duration", "quantity", "unit", "path", "uri", "text"]
"""question: words that say what is wanted. expression: arithmetic. duration: ``3 weeks``. quantity: a number with its
unit. path: a file's name under a root. text: content, of whatever it is made."""

Question: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "question"}, max_length=10_000)]
Expression: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "expression"})]
Day: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "date"}, max_length=100)]
Duration: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "duration"}, max_length=100)]
Quantity: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "quantity"}, max_length=200)]
Unit: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "unit"}, max_length=100)]
FilePath: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "path"})]
Address: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "uri"}, max_length=2_000)]
Content: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "text"}, max_length=1_000_000)]


def kinds_of(schema: Mapping[str, Json]) -> dict[str, str]:
    """The kind of each argument that a tool needs; empty where it states none."""
    properties = cast("dict[str, dict[str, Any]]", schema.get("properties", {}))
    required = cast("list[str]", schema.get("required", []))
    return {name: str(properties[name].get("format", "")) for name in required if name in properties}

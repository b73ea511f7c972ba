"""The types of schema.py's keys: a reader from values.py, and how the JSON Schema and the reference name it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, StrictFloat, StrictStr, WithJsonSchema

from digest.config.values import (
    Reference,
    kind_of,
    read_address,
    read_base_url,
    read_block,
    read_feedback,
    read_file_reference,
    read_host,
    read_language,
    read_line,
    read_link_params,
    read_network,
    read_plain_or_reference,
    read_rate,
    read_reference,
    read_selector,
    read_sender,
    read_source_url,
    read_store_url,
    read_term,
    read_zone,
)
from digest.model import Sender
from digest.times import Schedule, parse_cron, parse_duration, parse_schedule

NAME = r"^[A-Za-z0-9_-]{1,60}$"


def _text(read: Callable[[str], Any], example: str) -> Callable[[Any], Any]:
    """`read`, for text only."""

    def checked(value: Any) -> Any:
        if isinstance(value, str):
            return read(value)
        raise ValueError(f'must be text in quotes such as "{example}", not {kind_of(value)}')

    return checked


def _shape(words: str, **schema: Any) -> WithJsonSchema:
    """`x-type` is the word the reference shows."""
    return WithJsonSchema({**schema, "x-type": words})


def _secret_schema(*ways: str) -> list[dict[str, Any]]:
    return [
        {"type": "object", "properties": {way: {"type": "string"}}, "required": [way], "additionalProperties": False}
        for way in ways
    ]


Line = Annotated[StrictStr, AfterValidator(read_line), _shape("text", type="string", minLength=1)]
Block = Annotated[StrictStr, AfterValidator(read_block), _shape("text", type="string", minLength=1)]
Name = Annotated[StrictStr, Field(pattern=NAME), _shape("name", type="string", pattern=NAME)]
PathText = Annotated[StrictStr, AfterValidator(read_line), _shape("path", type="string", minLength=1)]
ZoneName = Annotated[StrictStr, AfterValidator(read_zone), _shape("time zone", type="string")]
Language = Annotated[StrictStr, AfterValidator(read_language), _shape("language tag", type="string")]
BaseUrl = Annotated[StrictStr, AfterValidator(read_base_url), _shape("web address", type="string")]
PluginKind = Annotated[StrictStr, _shape("name", type="string", **{"not": {"enum": ["folder", "sendmail", "smtp"]}})]
SourceUrl = Annotated[StrictStr, AfterValidator(read_source_url), _shape("web address", type="string")]
StoreUrl = Annotated[StrictStr, AfterValidator(read_store_url), _shape("sqlite:///PATH", type="string")]
Host = Annotated[StrictStr, AfterValidator(read_host), _shape("host", type="string")]
Selector = Annotated[StrictStr, AfterValidator(read_selector), _shape("selector", type="string")]
Network = Annotated[StrictStr, AfterValidator(read_network), _shape("network", type="string")]
Term = Annotated[StrictStr, AfterValidator(read_term), _shape("filter", type="string")]
Address = Annotated[StrictStr, AfterValidator(read_address), _shape("address", type="string")]

LinkParams = Annotated[
    tuple[tuple[str, str], ...],
    PlainValidator(read_link_params),
    _shape("table of text", type="object", additionalProperties={"type": "string"}),
]
Feedback = Annotated[StrictStr, AfterValidator(read_feedback), _shape("address or web address", type="string")]
Duration = Annotated[
    timedelta,
    BeforeValidator(_text(parse_duration, "45m")),
    _shape("duration", type="string", pattern=r"^(\d+d)?(\d+h)?(\d+m)?(\d+s)?$"),
]
Rate = Annotated[
    float, BeforeValidator(_text(read_rate, "50/s")), _shape("rate", type="string", pattern=r"^\d{1,9} ?/ ?[smhd]$")
]
Words = Annotated[Schedule, PlainValidator(_text(parse_schedule, "weekdays 06:30")), _shape("schedule", type="string")]
Cron = Annotated[Schedule, PlainValidator(_text(parse_cron, "30 6 * * mon-fri")), _shape("cron line", type="string")]
From = Annotated[Sender, PlainValidator(_text(read_sender, "Name <address>")), _shape("sender", type="string")]
SecretValue = Annotated[
    Reference,
    PlainValidator(read_reference),
    _shape("secret", oneOf=_secret_schema("env", "file", "credential")),
]
UserName = Annotated[
    Reference,
    PlainValidator(read_plain_or_reference),
    _shape("text or secret", oneOf=[{"type": "string"}, *_secret_schema("env", "file", "credential")]),
]
FileReference = Annotated[Reference, PlainValidator(read_file_reference), _shape("file", oneOf=_secret_schema("file"))]

Weight = Annotated[StrictFloat, Field(ge=0, le=100, allow_inf_nan=False)]
Boost = Annotated[StrictFloat, Field(ge=-100, le=100, allow_inf_nan=False)]

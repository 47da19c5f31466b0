"""Make the OpenAPI document from the registered endpoints and the models of their requests and answers."""

from typing import Any, Final

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode

from functions._contract import Problem
from functions._function import ENDPOINTS, Endpoint
from functions._http import status_of
from functions._shapes import CSV

JSON: Final = "application/json"
_OF_CSV: Final = "Beside a body of CSV only; in JSON it is a field of the body."
PROBLEM: Final = "application/problem+json"

RETRY_AFTER: Final = {
    "description": "Seconds to wait before the next try.",
    "schema": {"type": "integer", "minimum": 1},
}
CHALLENGE: Final = {"description": "How to sign in.", "schema": {"type": "string", "const": "Bearer"}}
WAIT: Final = {"Retry-After": RETRY_AFTER}
HEADERS: Final = {401: {"WWW-Authenticate": CHALLENGE}, 429: WAIT, 503: WAIT}

Schema = dict[str, Any]


class _Generator(GenerateJsonSchema):
    """Omits titles that only repeat a name, and `null` as a default."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002  the library's signature
        return False

    def default_schema(self, schema: Any) -> Schema:
        made = super().default_schema(schema)
        if made.get("default", ...) is None:
            del made["default"]
        return made


def document() -> Schema:
    """Return the OpenAPI 3.1 document as plain data: every registered endpoint with every answer."""
    wanted: list[tuple[tuple[str, str], JsonSchemaMode, TypeAdapter[Any]]] = [
        (("", "problem"), "serialization", TypeAdapter(Problem))
    ]
    for endpoint in ENDPOINTS:
        wanted.append(((endpoint.name, "answers"), "serialization", TypeAdapter(endpoint.answers)))
        if body := endpoint.takes or endpoint.reads:
            wanted.append(((endpoint.name, "takes"), "validation", TypeAdapter(body)))
        for name, kind in endpoint.path.items():
            wanted.append(((endpoint.name, name), "validation", TypeAdapter(kind)))
    made, definitions = TypeAdapter.json_schemas(
        wanted, ref_template="#/components/schemas/{model}", schema_generator=_Generator
    )
    schemas = {key: schema for (key, _), schema in made.items()}
    paths: dict[str, Schema] = {}
    for endpoint in sorted(ENDPOINTS, key=lambda endpoint: endpoint.route):
        paths.setdefault(f"/api/{endpoint.route}", {})[endpoint.verb.lower()] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Sésame", "version": "1", "description": "Self-service password reset that you own."},
        "paths": paths,
        "components": {
            "schemas": definitions["$defs"],
            "securitySchemes": {"session": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(endpoint: Endpoint, schemas: dict[tuple[str, str], Schema]) -> Schema:
    shape = endpoint.shape
    done = {
        "description": "Done" if shape.status == 200 else "Accepted",
        "content": {shape.answers: {"schema": schemas[endpoint.name, "answers"]}},
    }
    operation: Schema = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "responses": {str(shape.status): done, **_refusals(endpoint, schemas["", "problem"])},
    }
    if endpoint.path:
        operation["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": schemas[endpoint.name, name]}
            for name in endpoint.path
        ]
    if endpoint.takes or endpoint.reads:
        body = {JSON: {"schema": schemas[endpoint.name, "takes"]}}
        operation["requestBody"] = {"required": True, "content": body}
    if shape.query is not None:
        body[CSV] = {"schema": {"type": "string"}}
        operation["parameters"] = [
            {"name": name, "in": "query", "required": False, "description": _OF_CSV, **_query(field)}
            for name, field in TypeAdapter(shape.query).json_schema()["properties"].items()
        ]
    if endpoint.needs:
        operation["security"] = [{"session": []}]
    return operation


def _query(field: Schema) -> Schema:
    """Return how a parameter of the query is written: an object as JSON, everything else as it is."""
    kind = next((each for each in field.get("anyOf", [field]) if each.get("type") != "null"), field)
    bare = {name: kind[name] for name in ("type", "minLength", "maxLength") if name in kind}
    return {"content": {JSON: {"schema": bare}}} if kind.get("type") == "object" else {"schema": bare}


def _refusals(endpoint: Endpoint, problem: Schema) -> Schema:
    """Return one entry for each status, with the codes of its errors."""
    codes: dict[int, list[str]] = {}
    for kind in endpoint.refuses:
        codes.setdefault(status_of(kind), []).append(f"`{kind.code}`")
    return {
        str(status): {
            "description": " or ".join(dict.fromkeys(codes[status])),
            **({"headers": HEADERS[status]} if status in HEADERS else {}),
            "content": {PROBLEM: {"schema": problem}},
        }
        for status in sorted(codes)
    }

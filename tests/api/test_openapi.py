"""The description of the API is complete."""

from typing import Any

from api.reference import render_reference
from tests.api.conftest import World


def operations(world: World) -> dict[str, dict[str, Any]]:
    schema = world.anonymous().get("/api/v1/openapi.json").json()
    return {
        f"{method.upper()} {path}": operation
        for path, found in schema["paths"].items()
        for method, operation in found.items()
    }


def test_every_operation_says_what_it_does_and_how_it_can_be_refused(world: World) -> None:
    for name, operation in operations(world).items():
        assert operation["summary"], name
        assert operation["description"], name
        assert operation["tags"], name
        if "/api/v1" not in name:
            continue
        assert operation["security"] == [{"key": []}, {"session": []}], name
        assert {"401", "403", "503"} <= operation["responses"].keys(), name
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"], (name, status)


def test_writes_name_their_headers(world: World) -> None:
    for name, operation in operations(world).items():
        if name.startswith(("POST", "PUT", "DELETE")):
            headers = {each["name"] for each in operation["parameters"] if each["in"] == "header"}
            assert {"Idempotency-Key", "X-CSRF-Token"} <= headers, name
            assert {"413", "429"} <= operation["responses"].keys(), name


def test_every_reference_leads_somewhere(world: World) -> None:
    schema = world.anonymous().get("/api/v1/openapi.json").json()
    references: set[str] = set()

    def look(value: object) -> None:
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                references.add(value["$ref"])
            for each in value.values():
                look(each)
        elif isinstance(value, list):
            for each in value:
                look(each)

    look(schema)
    known = {f"#/components/schemas/{name}" for name in schema["components"]["schemas"]}
    assert references <= known
    assert "#/components/schemas/Problem" in references
    assert "HTTPValidationError" not in schema["components"]["schemas"]


def test_pages_are_not_described(world: World) -> None:
    paths = {name.partition(" ")[2] for name in operations(world)}
    other = {path for path in paths if not path.startswith("/api/v1")}
    assert other == {"/healthz", "/readyz", "/metrics"}


def test_people_read_the_same_on_one_page_without_scripts(world: World) -> None:
    answer = world.anonymous().get("/api/docs")
    assert answer.status_code == 200
    page = answer.text
    assert "<script" not in page
    assert "//" not in page.replace("http://", "").replace("https://", "")
    schema = world.anonymous().get("/api/v1/openapi.json").json()
    for path, found in schema["paths"].items():
        for method in found:
            assert f"<code>{method.upper()} {path}</code>" in page
    for name in schema["components"]["schemas"]:
        assert f'id="{name}"' in page


def test_the_page_escapes_what_it_shows() -> None:
    operation = {"summary": "<b>", "responses": {"200": {"description": "<i>"}}}
    schema = {
        "info": {}, "paths": {"/<x>": {"get": operation}},
        "components": {"schemas": {"A": {"properties": {"<f>": {"type": "string"}}}}},
    }  # fmt: skip
    page = render_reference(schema, openapi_path="/openapi.json")
    for raw in ("<b>", "<i>", "<x>", "<f>"):
        assert raw not in page
    assert "&lt;b&gt;" in page

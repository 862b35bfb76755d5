"""The reference of the API as one page, made from its OpenAPI description; no script, no CDN."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Askwatch: API reference</title>
<link rel="stylesheet" href="/static/app.css">
</head>
<body>
<main>
<h1>API reference</h1>
{introduction}
<p>The same for machines: <a href="{openapi_path}">{openapi_path}</a></p>
{operations}
<h2>What goes over the wire</h2>
{schemas}
</main>
</body>
</html>
"""
_PREFIX = "#/components/schemas/"


def render_reference(schema: Mapping[str, Any], *, openapi_path: str) -> str:
    """Return the page; everything in `schema` is escaped."""
    paragraphs = schema["info"].get("description", "").split("\n\n")
    operations: dict[str, list[str]] = {}
    for path, found in schema["paths"].items():
        for method, operation in found.items():
            tag = operation.get("tags", [""])[0]
            operations.setdefault(tag, []).append(_render_operation(method, path, operation))
    schemas = schema["components"]["schemas"]
    return _PAGE.format(
        introduction="".join(f"<p>{escape(each)}</p>" for each in paragraphs),
        openapi_path=escape(openapi_path),
        operations="\n".join(
            f"<h2>{escape(tag.capitalize())}</h2>\n" + "\n".join(lines)
            for tag, lines in operations.items()
        ),
        schemas="\n".join(_render_schema(name, schemas[name]) for name in sorted(schemas)),
    )


def _render_operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    lines = [
        "<details>",
        f"<summary><code>{method.upper()} {escape(path)}</code>",
        f"{escape(operation['summary'])}</summary>",
        f"<p>{escape(operation.get('description', ''))}</p>",
    ]
    parameters = "".join(
        f"<dt><code>{escape(each['name'])}</code> ({escape(each['in'])}"
        f"{', required' if each.get('required') else ''})</dt>"
        f"<dd>{_name_type(each['schema'])} {escape(each.get('description', ''))}</dd>"
        for each in operation.get("parameters", [])
    )
    if parameters:
        lines.append(f"<dl>{parameters}</dl>")
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        lines.append(f"<p>Takes {_name_type(content['schema'])} as {escape(media_type)}.</p>")
    answers = "".join(
        f"<dt><code>{escape(status)}</code></dt><dd>{' '.join(_render_answer(answer))}</dd>"
        for status, answer in operation["responses"].items()
    )
    lines.append(f"<dl>{answers}</dl></details>")
    return "\n".join(lines)


def _render_answer(answer: Mapping[str, Any]) -> Iterator[str]:
    yield escape(answer.get("description", ""))
    for content in answer.get("content", {}).values():
        yield _name_type(content.get("schema", {}))


def _render_schema(name: str, schema: Mapping[str, Any]) -> str:
    values = ", ".join(f"<code>{escape(str(each))}</code>" for each in schema.get("enum", []))
    fields = "".join(
        f"<dt><code>{escape(field)}</code></dt>"
        f"<dd>{_name_type(described)} {escape(described.get('description', ''))}</dd>"
        for field, described in schema.get("properties", {}).items()
    )
    return (
        f'<details id="{escape(name)}"><summary><code>{escape(name)}</code></summary>'
        f"<p>{escape(schema.get('description', ''))} {values}</p><dl>{fields}</dl></details>"
    )


def _name_type(schema: Mapping[str, Any]) -> str:
    """Return what kind of value a schema describes, with links to those that have a name."""
    if "$ref" in schema:
        name = escape(str(schema["$ref"]).removeprefix(_PREFIX))
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_name_type(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_name_type(schema.get('items', schema.get('prefixItems', [{}])[0]))}"
    return escape(str(schema.get("format", schema.get("type", "any value"))))

"""Runs in the worker's environment: indexes the app in the current folder with Microsoft's library, as Azure does.

Prints a JSON object with the raw bindings of every function by name, and the answers of the functions that the command
line names. It uses private names of that library, so the library is pinned and never a dependency of the product.
"""

import asyncio
import json
import sys
import types
from pathlib import Path
from typing import Any

HERE = Path.cwd()
# As the platform does: the package's own dependencies first, then those of the worker.
sys.path[:0] = [str(HERE / ".python_packages" / "lib" / "site-packages"), str(HERE)]

import azure_functions_runtime.handle_event as worker  # noqa: E402
from azure_functions_runtime.bindings.datumdef import Datum  # noqa: E402
from azure_functions_runtime.bindings.meta import load_binding_registry  # noqa: E402
from azure_functions_runtime.native_invocation import invocation_request_native  # noqa: E402


class BindingInfo(types.SimpleNamespace):
    """Replaces the message that the worker would send to the host."""

    inout, out = "inout", 1


async def answer(function: Any) -> str:
    """Return the status and body with which an HTTP function answers a GET."""
    asked = {
        "method": Datum("GET", "string"),
        "url": Datum("https://a.example.org/api/x", "string"),
        "headers": {},
        "query": {},
    }
    request = Datum(asked | {"params": {}, "body": Datum(b"", "bytes")}, "http")
    name = json.loads(function.raw_bindings[0])["name"]
    done, result, *_ = await invocation_request_native("1", function.function_id, [(name, request)], {})
    assert done, result
    return f"{result.value['status_code'].value} {result.value['body'].value.decode()}"


def main() -> None:
    worker.protos = types.SimpleNamespace(
        BindingInfo=BindingInfo,
        RpcRetryOptions=dict,
        RpcFunctionMetadata=types.SimpleNamespace,
    )
    load_binding_registry()
    worker.load_function_metadata(str(HERE), "tests")
    found = {function.name: function for function in worker._metadata_result or []}
    answers = {name: asyncio.run(answer(found[name])) for name in sys.argv[1:]}
    bindings = {name: [json.loads(text) for text in function.raw_bindings] for name, function in found.items()}
    print(json.dumps({"bindings": bindings, "answers": answers}))


main()

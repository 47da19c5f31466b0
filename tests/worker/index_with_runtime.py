"""Runs in the worker's environment: indexes the app in the current folder with Microsoft's library, as Azure does.

Prints a JSON object with the raw bindings of every function by name. It uses private names of that library, so the
library is pinned and never a dependency of the product.
"""

import json
import sys
import types
from pathlib import Path

import azure_functions_runtime.handle_event as worker
from azure_functions_runtime.bindings.meta import load_binding_registry


class BindingInfo(types.SimpleNamespace):
    """Replaces the message that the worker would send to the host."""

    inout, out = "inout", 1


def main() -> None:
    worker.protos = types.SimpleNamespace(
        BindingInfo=BindingInfo,
        RpcRetryOptions=dict,
        RpcFunctionMetadata=types.SimpleNamespace,
    )
    load_binding_registry()
    sys.path.insert(0, str(Path.cwd()))
    worker.load_function_metadata(str(Path.cwd()), "tests")
    found = worker._metadata_result or []
    print(json.dumps({function.name: [json.loads(text) for text in function.raw_bindings] for function in found}))


main()

"""The public conformance suite of Jupyter kernels, with samples in TypeScript."""

import unittest

import jupyter_kernel_test


class SynthMRKernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = "synthmr"
    language_name = "typescript"
    file_extension = ".ts"

    code_hello_world = 'console.log("hello, world");'
    code_stderr = 'console.error("a warning");'
    code_generate_error = 'throw new RangeError("out of range");'
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": '"a" + "b"', "result": "ab"},
        {"code": "await Promise.resolve([1, 2, 3])", "result": "[ 1, 2, 3 ]"},
        {"code": "({ a: 1 })", "result": "{ a: 1 }"},
        {"code": "6 * 7", "result": "42"},
        {"code": "6 * 7", "result": "42"},
    ]
    code_display_data = [
        {"code": 'import { display } from "tslab"; display.html("<b>bold</b>");', "mime": "text/html"},
        {"code": 'import { show } from "synthmr"; await show("text");', "mime": "text/plain"},
    ]
    code_clear_output = "console.clear();"
    completion_samples = [
        {"text": "consol", "matches": {"console"}},
        {"text": "Math.ab", "matches": {"abs"}},
        {"text": 'const long_name = 1; long_na', "matches": {"long_name"}},
        {"text": '"abc".toUpper', "matches": {"toUpperCase"}},
    ]
    complete_code_samples = ["1 + 1", "const a = [\n  1,\n];", "await f();", "type T = { a: number };", "// nothing", ""]
    incomplete_code_samples = [
        "function f() {",
        "const a = [1, 2",
        "f(1,",
        "const x =",
        "`template",
        "/* comment",
        "if (true) {\n  f();",
        "class A extends B {",
    ]
    invalid_code_samples = ["const = 3;", "1 +* 2", "import = 7q", "f) {", '"not ended']
    code_inspect_sample = "Math.abs"
    code_history_pattern = "6 * 7"
    supported_history_operations = ("tail", "range", "search")


if __name__ == "__main__":
    unittest.main()

"""Calls the functions of a component in wasmtime: a second opinion on where values lie in guest memory.

Usage: wasmtime_calls.py COMPONENT INTERFACE CALLS
CALLS is JSON: [[function, [argument, ...]], ...], arguments as test/neutral-values.ts writes them.
Prints one line for each call: the result as JSON, written the same way, or an error after "!".
"""

import json
import struct
import sys

from wasmtime import Engine, Store, component
from wasmtime.component import _types as types

# Without tags the binding guesses the case of a variant from the class of its payload.
types.VariantLikeType._tagged = lambda self: True

INTEGERS = (types.S8, types.S16, types.S32, types.S64, types.U8, types.U16, types.U32, types.U64)
FLOATS = (types.F32, types.F64)


def to_python(type_, value):
    if isinstance(type_, INTEGERS):
        return int(value)
    if isinstance(type_, FLOATS):
        return struct.unpack(">d", bytes.fromhex(value))[0]
    if isinstance(type_, types.ListType):
        element = type_.element
        return bytes.fromhex(value) if isinstance(element, types.U8) else [to_python(element, item) for item in value]
    if isinstance(type_, types.TupleType):
        return tuple(to_python(element, item) for element, item in zip(type_.elements, value))
    if isinstance(type_, types.RecordType):
        record = types.Record()
        for name, field in type_.fields:
            setattr(record, name, to_python(field, value[name]))
        return record
    if isinstance(type_, types.FlagsType):
        return set(value)
    if isinstance(type_, types.VariantLikeType):
        tag, *payload = value
        case = dict(type_._cases())[tag]
        return types.Variant(tag, None if case is None else to_python(case, payload[0]))
    return value


def to_neutral(type_, value):
    if isinstance(type_, INTEGERS):
        return str(value)
    if isinstance(type_, FLOATS):
        return struct.pack(">d", value if value == value else float("nan")).hex()
    if isinstance(type_, types.ListType):
        element = type_.element
        return value.hex() if isinstance(element, types.U8) else [to_neutral(element, item) for item in value]
    if isinstance(type_, types.TupleType):
        return [to_neutral(element, item) for element, item in zip(type_.elements, value)]
    if isinstance(type_, types.RecordType):
        return {name: to_neutral(field, getattr(value, name)) for name, field in type_.fields}
    if isinstance(type_, types.FlagsType):
        return [name for name in type_.names if name in value]
    if isinstance(type_, types.VariantLikeType):
        case = dict(type_._cases())[value.tag]
        return [value.tag] if case is None else [value.tag, to_neutral(case, value.payload)]
    return value


class Life:
    """An instance until something goes wrong in it."""

    def __init__(self, engine, compiled, interface):
        self.store = Store(engine)
        self.instance = component.Linker(engine).instantiate(self.store, compiled)
        self.interface = self.instance.get_export_index(self.store, interface)

    def call(self, name, arguments):
        index = self.instance.get_export_index(self.store, name, self.interface)
        function = self.instance.get_func(self.store, index)
        type_ = function.type(self.store)
        values = [to_python(param, value) for (_, param), value in zip(type_.params, arguments)]
        result = to_neutral(type_.result, function(self.store, *values))
        function.post_return(self.store)
        return result


def main():
    path, interface, calls = sys.argv[1:]
    engine = Engine()
    with open(path, "rb") as file:
        compiled = component.Component(engine, file.read())
    life = Life(engine, compiled, interface)
    with open(calls, encoding="utf-8") as file:
        for name, arguments in json.load(file):
            try:
                print(json.dumps(life.call(name, arguments)))
            except Exception as error:
                print("!", " ".join(str(error).split()))
                life = Life(engine, compiled, interface)


main()

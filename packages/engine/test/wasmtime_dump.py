"""Calls the functions of a dump component in wasmtime: a second opinion on where values lie in guest memory.

Usage: wasmtime_dump.py COMPONENT CALLS
CALLS is JSON: [[function, [argument, ...]], ...], arguments as test/neutral-values.ts writes them.
Prints one line of hex, or an error after "!", for each call.
"""

import json
import sys

from wasmtime import Engine, Store, component
from wasmtime.component import _types as types

# Without tags the binding guesses the case of a variant from the class of its payload.
types.VariantLikeType._tagged = lambda self: True

INTEGERS = (types.S8, types.S16, types.S32, types.S64, types.U8, types.U16, types.U32, types.U64)


def to_python(type_, value):
    if isinstance(type_, INTEGERS):
        return int(value)
    if isinstance(type_, (types.F32, types.F64)):
        return float(value)
    if isinstance(type_, types.ListType):
        items = [to_python(type_.element, item) for item in value]
        return bytes(items) if isinstance(type_.element, types.U8) else items
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


def main():
    with open(sys.argv[2], encoding="utf-8") as file:
        calls = json.load(file)
    engine = Engine()
    with open(sys.argv[1], "rb") as file:
        compiled = component.Component(engine, file.read())
    store = Store(engine)
    instance = component.Linker(engine).instantiate(store, compiled)
    interface = instance.get_export_index(store, "lodge:dump/values")
    for name, arguments in calls:
        try:
            function = instance.get_func(store, instance.get_export_index(store, name, interface))
            params = function.type(store).params
            values = [to_python(type_, value) for (_, type_), value in zip(params, arguments)]
            result = function(store, *values)
            function.post_return(store)
            print(result.hex())
        except Exception as error:
            print("!", " ".join(str(error).split()))


main()

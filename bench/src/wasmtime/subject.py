"""The process of the subject `wasmtime`: speaks the protocol of `engine/subject-process.ts`."""

import json
import sys
import time

from wasmtime import Config, Engine, Store
from wasmtime.component import Component, Linker


def instantiate_cases(engine, files):
    cases = []
    for name in ["lean", "values", "composed"]:
        with open(files[name], "rb") as file:
            component = Component(engine, file.read())
        linker = Linker(engine)
        linker.define_unknown_imports_as_traps(component)

        def run(count, linker=linker, component=component):
            for _ in range(count):
                linker.instantiate(Store(engine), component)

        cases.append((name, "us", run))
    return cases


def warm_call_cases(engine, files):
    with open(files["composed"], "rb") as file:
        component = Component(engine, file.read())
    store = Store(engine)
    instance = Linker(engine).instantiate(store, component)
    caller = instance.get_export_index(store, "lodge:bench/caller")
    cases = []
    for case, name, *size in [
        ("u32", "call-scalar"),
        ("string 10 B", "call-string", 10),
        ("string 100 B", "call-string", 100),
        ("string 1 KB", "call-string", 1000),
        ("string 10 B echo", "call-echo", 10),
        ("list<u32> 100", "call-list", 100),
    ]:
        func = instance.get_func(store, instance.get_export_index(store, name, caller))

        def run(count, func=func, size=size):
            func(store, count, *size)
            if hasattr(func, "post_return"):
                func.post_return(store)

        cases.append((f"component to component {case}", "ns", run))
    return cases


class Sampler:
    """Milliseconds for one time, over about the time that is asked for."""

    def __init__(self, run):
        self.run = run
        self.per_ms = None

    def time(self, count):
        start = time.perf_counter()
        self.run(count)
        return (time.perf_counter() - start) * 1000

    def sample(self, ms):
        if self.per_ms is None:
            count = 1
            while (elapsed := self.time(count)) < ms / 2:
                count *= 2
            self.per_ms = count / elapsed
        count = max(1, round(self.per_ms * ms))
        elapsed = self.time(count)
        self.per_ms = count / elapsed
        return elapsed / count


def say(message):
    print(json.dumps(message), flush=True)


def main():
    task = json.loads(sys.argv[1])
    engine = Engine(Config())
    make = {"engine/instantiate": instantiate_cases, "engine/warm-call": warm_call_cases}[task["scenario"]]
    cases = make(engine, task["files"])
    samplers = [Sampler(run) for _, _, run in cases]
    say({"cases": [{"component": component, "unit": unit} for component, unit, _ in cases]})
    for line in sys.stdin:
        request = json.loads(line)
        say({"value": samplers[request["case"]].sample(request["ms"])})


main()

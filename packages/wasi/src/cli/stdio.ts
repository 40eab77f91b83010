import type { ComponentInfo, Logger, LogLevel } from '@lodge/core';
import type { ByteSink } from '../io/byte-sink.js';
import type { ByteSource } from '../io/byte-source.js';
import { type InputStream, inputStream } from '../io/input-stream.js';
import { type OutputStream, outputStream } from '../io/output-stream.js';
import { lineSink } from './line-sink.js';

/** Gives a component its standard input. Called for every `get-stdin`. */
export type StdinFactory = (component: ComponentInfo) => ByteSource;

/** Gives a component its standard output or error. Called for every `get-stdout` or `get-stderr`. */
export type StdoutFactory = (component: ComponentInfo) => ByteSink;

/** `get-stdin: func() -> input-stream` and its like. */
export interface Stdio {
  getStdin(): InputStream;
  getStdout(): OutputStream;
  getStderr(): OutputStream;
}

/** Where the standard streams of components come from and go to. */
export interface StdioFactories {
  readonly stdin: StdinFactory;
  readonly stdout: StdoutFactory;
  readonly stderr: StdoutFactory;
}

/** The functions of `wasi:cli/stdin`, `stdout` and `stderr` for one component. */
export function stdio(component: ComponentInfo, factories: StdioFactories): Stdio {
  return {
    getStdin: () => inputStream(factories.stdin(component)),
    getStdout: () => outputStream(factories.stdout(component)),
    getStderr: () => outputStream(factories.stderr(component)),
  };
}

/** Sinks that log each line with the names of its workload and component. */
export function logOutput(logger: () => Logger, stream: 'stdout' | 'stderr', level: LogLevel): StdoutFactory {
  return (component) => {
    const { workload } = component;
    const fields = { namespace: workload.namespace, workload: workload.name, component: component.name, stream };
    return lineSink((line) => logger().log(level, line, fields));
  };
}

import { describeMissingRuntime } from './runtime-support.js';

// The first thing that runs, also on a Node.js that cannot run Lodge: nothing here or in what is imported above may need
// a recent one, and everything else is imported once the check has passed.
const missing = describeMissingRuntime(process.versions.node, 'Suspending' in WebAssembly);
if (missing !== undefined) {
  process.stderr.write(`lodge: ${missing}\n`);
  process.exitCode = 1;
} else {
  import('./cli.js').then(
    (cli) => cli.runCli(process.argv.slice(2)),
    (error: unknown) => {
      process.stderr.write(`lodge: could not be loaded: ${error instanceof Error ? error.stack : String(error)}\n`);
      process.exitCode = 1;
    },
  );
}

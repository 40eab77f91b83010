import { isMainThread } from 'node:worker_threads';

// Imported into a process that is not ours, so that it cannot outlive the benchmark. Its workers import this too.
if (isMainThread) process.stdin.on('end', () => process.exit()).resume();

import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Runs a program to its end.
 *
 * `quiet` keeps what the program prints and returns it; otherwise its output goes to `stdout` (`1`, or `2` to keep our own
 * standard output clean).
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv, quiet?: boolean, stdout?: 1 | 2, interactive?: boolean, shell?: boolean }} options
 * @returns {Promise<{ exitCode: number, output: string }>}
 */
export function runProgram(command, args, { cwd, env, quiet = false, stdout = 1, interactive = false, shell = false }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env,
      shell,
      stdio: [interactive ? 'inherit' : 'ignore', quiet ? 'pipe' : stdout, quiet ? 'pipe' : 2],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    const stopForwarding = forwardSignals(child);
    child.once('error', (error) => {
      stopForwarding();
      reject(error);
    });
    child.once('close', (code, signal) => {
      stopForwarding();
      resolve({ exitCode: code ?? 128 + (signal ? constants.signals[signal] : 1), output });
    });
  });
}

/**
 * Hands termination signals to the child and stays until it is gone, so that its own orderly shutdown decides.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @returns {() => void}
 */
function forwardSignals(child) {
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const listeners = signals.map((signal) => {
    const listener = () => {
      // A terminal sends Ctrl-C to the whole group: the child has it already, and a second one would mean "at once".
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  const stopWatching = watchParent(() => child.kill('SIGTERM'));
  return () => {
    stopWatching();
    for (const remove of listeners) remove();
  };
}

/**
 * npm puts a shell between itself and us. Stopped, it stops the shell only, and we would serve on without anyone to stop us.
 *
 * @param {() => void} onGone
 * @returns {() => void}
 */
function watchParent(onGone) {
  const isBelowNpm = process.env['npm_lifecycle_event'] !== undefined;
  if (!isBelowNpm) return () => {};
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, 250);
  return () => clearInterval(timer);
}

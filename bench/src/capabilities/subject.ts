import { fileURLToPath } from 'node:url';
import { LineProcess } from '../line-process.ts';
import type { SubjectTask, WorkReply, WorkRequest } from './task.ts';

const answerTimeoutMs = 120_000;

/** What was done, and what it took. */
export type Done = Required<Omit<WorkReply, 'error'>>;

/** The process of one subject. */
export class Subject {
  readonly name: string;
  readonly #process: LineProcess;

  private constructor(name: string, process: LineProcess) {
    this.name = name;
    this.#process = process;
  }

  /**
   * Settles when it is ready.
   *
   * @throws Error with what it said last
   */
  static async start(task: SubjectTask): Promise<Subject> {
    const script = fileURLToPath(new URL('./subject-process.ts', import.meta.url));
    const process = new LineProcess({ args: [script, JSON.stringify(task)] });
    try {
      await process.ask<WorkReply>(undefined, answerTimeoutMs);
      return new Subject(task.subject, process);
    } catch (error) {
      await process.end(0);
      throw error;
    }
  }

  /** @throws Error why the operation failed */
  async work(request: WorkRequest): Promise<Done> {
    const { done, ms, cpuMs, error } = await this.#process.ask<WorkReply>(request, answerTimeoutMs);
    if (done === undefined || ms === undefined || cpuMs === undefined) throw new Error(error);
    return { done, ms, cpuMs };
  }

  end(): Promise<void> {
    return this.#process.end();
  }
}

/** What the process ends with, beside a guest command's own code and 128 plus the number of a signal. */
export const exitCode = { success: 0, failure: 1, usage: 2 } as const;

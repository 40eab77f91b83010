/** Kinds of points of an `Outline`, named after what their instructions do. */

// What opens, divides and closes blocks.
export const block = 0;
/** `argument`: 1 when it takes no parameters as far as its type shows, else 0. `end`: where its body begins. */
export const loop = 1;
export const conditional = 2;
/** `try` of the older exception handling. */
export const oldTry = 3;
/** `try_table`. `argument`: how many {@link handlerLabel} points stand before it. */
export const tryTable = 4;
/** `argument`: the label of one of its handlers, counted from outside of it. */
export const handlerLabel = 5;
export const otherwise = 6;
/** `catch` and `catch_all` of the older exception handling. */
export const oldCatch = 7;
export const blockEnd = 8;

// Branches. `argument`: how many blocks lie between.
export const branch = 9;
export const branchIf = 10;
/** Of a reference. */
export const branchOn = 11;
/** `argument`: how many {@link tableLabel} points follow. */
export const branchTable = 12;
/** `at` and `end`: those of the label. */
export const tableLabel = 13;

/** `return`, `unreachable`. */
export const leave = 14;
export const raise = 15;

/** `argument`: the index of what is called; negative through a table or a reference. */
export const call = 16;
export const tailCall = 17;

/** Works on a stretch of memory or a table whose length is the last operand. `argument`: how many of its units weigh as much as a byte of code, as a power of two. */
export const bulk = 18;
export const memorySize = 19;
export const memoryGrow = 20;

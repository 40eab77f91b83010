/** Kinds of points of an `Outline`, named after what their instructions do. */

// What opens, divides and closes blocks.
export const block: i32 = 0;
/** `argument`: 1 when it takes no parameters as far as its type shows, else 0. Its body begins where the next instruction stands. */
export const loop: i32 = 1;
export const conditional: i32 = 2;
/** `try` of the older exception handling. */
export const oldTry: i32 = 3;
/** `try_table`. `argument`: how many {@link handlerLabel} points stand before it. */
export const tryTable: i32 = 4;
/** `argument`: the label of one of its handlers, counted from outside of it. */
export const handlerLabel: i32 = 5;
export const otherwise: i32 = 6;
/** `catch` and `catch_all` of the older exception handling. */
export const oldCatch: i32 = 7;
export const blockEnd: i32 = 8;

// Branches. `argument`: how many blocks lie between.
export const branch: i32 = 9;
export const branchIf: i32 = 10;
/** Of a reference. */
export const branchOn: i32 = 11;
/** `argument`: how many {@link tableLabel} points follow. */
export const branchTable: i32 = 12;
/** Stands where the label does. */
export const tableLabel: i32 = 13;

/** `return`, `unreachable`. */
export const leave: i32 = 14;
export const raise: i32 = 15;

/** `argument`: the index of what is called; negative through a table or a reference. */
export const call: i32 = 16;
export const tailCall: i32 = 17;

/** Works on a stretch of memory or a table whose length is the last operand. `argument`: how many of its units weigh as much as a byte of code, as a power of two. */
export const bulk: i32 = 18;
export const memorySize: i32 = 19;
export const memoryGrow: i32 = 20;

/** No instruction: what those since the point before weigh beyond their bytes. `argument`: in units of {@link slowUnit}. */
export const slow: i32 = 21;
export const slowUnit: i32 = 32;

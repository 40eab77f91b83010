export const noFault: i32 = 0;
/** The code ends in the middle of something. */
export const endsEarly: i32 = 1;
/** A number has more bytes than it may have. */
export const longNumber: i32 = 2;
/** A function is longer than allowed. */
export const longFunction: i32 = 3;
/** A function has become longer than V8 takes, or has more locals. */
export const grownFunction: i32 = 4;
/** There are too many different copies and fills between memories. */
export const manyOperations: i32 = 5;
/** There are more functions than V8 takes. */
export const manyFunctions: i32 = 6;
/** There is no more memory. */
export const noMemory: i32 = 7;

/** What is wrong, once a function has trapped because of that. */
let fault: i32 = noFault;
let at: i32 = 0;

/** Ends everything: the code is not valid, or more than is allowed. */
export function fail(what: i32, position: i32): void {
  fault = what;
  at = position;
  unreachable();
}

/** What a trap from now on means. */
export function suspect(what: i32): void {
  fault = what;
}

export function faultKind(): i32 {
  return fault;
}

/** Where in the source. */
export function faultAt(): i32 {
  return at;
}

/** The code ends in the middle of something. */
export const endsEarly: i32 = 1;
/** A number has more bytes than it may have. */
export const longNumber: i32 = 2;
/** A function is longer than allowed. */
export const longFunction: i32 = 3;

/** What is wrong with the code, once a function has trapped because of that. */
let fault: i32 = 0;
let at: i32 = 0;

/** Ends everything: the code is not valid, or more than is allowed. */
export function fail(what: i32, position: i32): void {
  fault = what;
  at = position;
  unreachable();
}

export function faultKind(): i32 {
  return fault;
}

/** Where in the source. */
export function faultAt(): i32 {
  return at;
}

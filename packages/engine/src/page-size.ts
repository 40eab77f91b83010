/** Bytes of a page of linear memory. */
export const pageSize = 65_536;

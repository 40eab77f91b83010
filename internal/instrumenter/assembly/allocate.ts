import { noFault, noMemory, suspect } from './fault';

/** As `heap.alloc`: what is there is not known. */
export function allocate(bytes: usize): usize {
  suspect(noMemory);
  const start = heap.alloc(bytes);
  suspect(noFault);
  return start;
}

/** As `heap.realloc`: nothing is copied where it is the last thing in memory. */
export function reallocate(start: usize, bytes: usize): usize {
  suspect(noMemory);
  const moved = heap.realloc(start, bytes);
  suspect(noFault);
  return moved;
}

/** All of it zero. */
export function allocateZeros(bytes: usize): usize {
  const start = allocate(bytes);
  memory.fill(start, 0, bytes);
  return start;
}

import { Reader } from './reader';
import { Words } from './words';

const memoryCopy: i32 = 10;
const memoryFill: i32 = 11;
const operationWords: i32 = 3;

/** Which `memory.copy` and `memory.fill` there are, by the memories that they work on: each has a function that does long ones in pieces. */
export class BulkOperations {
  /** Of each: its opcode, the memory it writes to, and the one it reads. */
  readonly operations: Words = new Words(16);

  private reader: Reader;

  /** @param source the address of the code section, of `length` bytes */
  constructor(source: usize, length: i32) {
    this.reader = new Reader(source);
    this.reader.end = length;
  }

  /** The number of the one that stands at `at`; negative when it is another instruction. */
  numberOf(at: i32): i32 {
    const reader = this.reader;
    reader.position = at + 1;
    const opcode: i32 = reader.u32();
    if (opcode !== memoryCopy && opcode !== memoryFill) return -1;
    const target: i32 = reader.u32();
    const from: i32 = opcode === memoryCopy ? reader.u32() : target;
    const operations = this.operations;
    for (let index = 0; index < operations.length; index += operationWords) {
      const isSame = operations.get(index) === opcode && operations.get(index + 1) === target;
      if (isSame && operations.get(index + 2) === from) return index / operationWords;
    }
    operations.push(opcode);
    operations.push(target);
    operations.push(from);
    return operations.length / operationWords - 1;
  }
}

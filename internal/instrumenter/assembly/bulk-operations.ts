import { allocateZeros } from './allocate';
import { fail, manyOperations } from './fault';
import { Reader } from './reader';
import { Words } from './words';

const memoryCopy: u32 = 10;
const memoryFill: u32 = 11;
const operationWords: i32 = 3;
/** As many memories as a component may have. */
const mostMemories: u32 = 256;
/** Of all operations that there could be: two for each. */
const numberBytes: usize = 2 * mostMemories * mostMemories * 2;
const mostOperations: i32 = 1024;

/** Which `memory.copy` and `memory.fill` there are, by the memories that they work on: each has a function that does long ones in pieces. */
export class BulkOperations {
  /** Of each: its opcode, the memory it writes to, and the one it reads. */
  readonly operations: Words = new Words(16);

  private reader: Reader;
  /** By opcode and memories: 1 more than the number of the operation, 0 for none. */
  private numbers: usize = 0;

  /** @param source the address of the code section, of `length` bytes */
  constructor(source: usize, length: i32) {
    this.reader = new Reader(source);
    this.reader.end = length;
  }

  /** The number of the one that stands at `at`; negative when it is another instruction. */
  numberOf(at: i32): i32 {
    const reader = this.reader;
    reader.position = at + 1;
    const opcode = reader.u32();
    if (opcode !== memoryCopy && opcode !== memoryFill) return -1;
    const target = reader.u32();
    const from = opcode === memoryCopy ? reader.u32() : target;
    if (target >= mostMemories || from >= mostMemories) fail(manyOperations, at);
    if (this.numbers === 0) this.numbers = allocateZeros(numberBytes);
    const known = this.numbers + ((((opcode - memoryCopy) * mostMemories + target) * mostMemories + from) << 1);
    const number: i32 = load<u16>(known);
    if (number > 0) return number - 1;
    const operations = this.operations;
    if (operations.length === mostOperations * operationWords) fail(manyOperations, at);
    operations.push(opcode);
    operations.push(target);
    operations.push(from);
    store<u16>(known, <u16>(operations.length / operationWords));
    return operations.length / operationWords - 1;
  }
}

/** A function is being compiled: what it does is recorded and must not need any number of its inputs. */
import { OnnxRuntimeError } from '../errors.js';

export class Capture {
  /** @throws OnnxRuntimeError (`not-compilable`) */
  refuse(what: string): never {
    throw new OnnxRuntimeError(
      'not-compilable',
      `The function to compile ${what}`,
      'Compile functions that only compute tensors from tensors, and read their results afterwards',
    );
  }
}

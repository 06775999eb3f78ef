import { describe, expect, it } from 'vitest';
import { explainFailure, InputError, LigatureError } from '../src/index.js';

/** As engines throw it that know nothing of this house. */
class EngineFailure extends Error {
  readonly code = 'out-of-memory';
  readonly found = 'Memory ran out in a graph of BatchMatMul';
  readonly todo = 'Use smaller batches';
}

describe('explainFailure', () => {
  it('gives the error of an engine at work the form of all others', () => {
    const cause = new EngineFailure('Memory ran out. Use smaller batches.');
    const explained = explainFailure(cause) as LigatureError;
    expect(explained).toBeInstanceOf(LigatureError);
    expect(explained).not.toBeInstanceOf(InputError);
    expect(explained.cause).toBe(cause);
    expect([explained.code, explained.message]).toEqual([
      'backend-out-of-memory',
      'Compute on the backend that was taken: Memory ran out in a graph of BatchMatMul. Use smaller batches',
    ]);
  });

  it('leaves everything else as it is', () => {
    const system = Object.assign(new Error('no such file'), { code: 'ENOENT' });
    const own = new InputError('a-code', { asked: 'a', found: 'f', todo: 't' });
    for (const error of [system, own, 'text', undefined, { code: 'a', found: 'f', todo: 't' }]) {
      expect(explainFailure(error)).toBe(error);
    }
  });
});

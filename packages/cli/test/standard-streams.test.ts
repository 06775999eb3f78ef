import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { takeStandardStreams } from '../src/system/standard-streams.js';

/** A stream of the process, as far as it is used: it keeps what arrives, and fails as pipes and disks do. */
class Sink extends EventEmitter {
  readonly isTTY = false;
  readonly columns = 80;
  readonly rows = 24;
  text = '';
  trouble: string | undefined;

  write(chunk: string | Uint8Array): boolean {
    if (this.trouble === undefined) this.text += String(chunk);
    else this.emit('error', Object.assign(new Error(`${this.trouble}: write`), { code: this.trouble }));
    return true;
  }
}

const taken = () => {
  const process = { stdout: new Sink(), stderr: new Sink() };
  // What the sinks got in the end; `process` is what others write to from now on.
  return { process, ...takeStandardStreams(process as never) };
};

describe('standard output and error', () => {
  it('carry what the command writes, and what others write goes to standard error', () => {
    const { process, stdout, stderr } = taken();
    stdout.write('{"steps":1}\n');
    process.stdout.write('from a plug-in\n');
    stderr.write('progress\n');
    process.stderr.write('a warning\n');
    expect(process.stdout.text).toBe('{"steps":1}\n');
    expect(process.stderr.text).toBe('from a plug-in\nprogress\na warning\n');
  });

  it('cut what others write into lines, from texts and from bytes that are cut anywhere', () => {
    const { process, onPrinted, flush } = taken();
    const lines: string[] = [];
    const stop = onPrinted((line) => lines.push(line));
    for (const byte of Buffer.from('größe 🐑\r\nhalf ')) process.stdout.write(Uint8Array.of(byte));
    process.stdout.write('a line\nthe rest');
    (process.stderr.write as (...given: string[]) => boolean)('aGk=', 'base64');
    flush();
    stop();
    process.stdout.write('later\n');
    expect(lines).toEqual(['größe 🐑', 'half a line', 'the rest', 'hi']);
    expect(process.stderr.text).toBe('later\n');
  });

  it('keep nothing that acts on a terminal of what others write', () => {
    const { process } = taken();
    process.stdout.write('\u001b]0;owned\u0007\u009b2J\rover\u202e\n');
    expect(process.stderr.text).toBe('\\u001b]0;owned\\u0007\\u009b2J\\u000dover\\u202e\n');
  });

  it('hand on a line without an end in parts', () => {
    const { process, onPrinted } = taken();
    const lengths: number[] = [];
    onPrinted((line) => lengths.push(line.length));
    process.stdout.write('x'.repeat(100_000));
    expect(Math.max(...lengths)).toBe(16_384);
    expect(lengths.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(80_000);
  });

  it('tell others when they have written', async () => {
    const { process } = taken();
    const write = process.stdout.write.bind(process.stdout) as (...given: unknown[]) => boolean;
    await new Promise((done) => write('one\n', done));
    await new Promise((done) => write('two\n', 'utf8', done));
    expect(process.stderr.text).toBe('one\ntwo\n');
  });

  it.each(['EPIPE', 'EIO', 'ECONNRESET'])('end nothing when their reader goes away (%s)', (code) => {
    const { process, stdout, stderr, failure } = taken();
    process.stdout.trouble = process.stderr.trouble = code;
    let writes = 0;
    process.stderr.on('error', () => (writes += 1));
    for (let line = 0; line < 3; line += 1) {
      stderr.write('progress\n');
      stdout.write('a table\n');
      process.stdout.write('a plug-in\n');
    }
    expect({ stdout: stdout.closed, stderr: stderr.closed, writes }).toEqual({
      ...{ stdout: true, stderr: true },
      writes: 1,
    });
    expect(failure()).toBeUndefined();
  });

  it('say that what was asked for could not be written, and never that progress could not', () => {
    const { process, stdout, stderr, failure } = taken();
    process.stderr.trouble = 'ENOSPC';
    stderr.write('progress\n');
    expect(failure()).toBeUndefined();
    process.stdout.trouble = 'ENOSPC';
    stdout.write('a table\n');
    expect(failure()).toMatchObject({ code: 'ENOSPC' });
    // There may be room again.
    process.stderr.trouble = undefined;
    stderr.write('more progress\n');
    expect(process.stderr.text).toBe('more progress\n');
  });
});

import { describe, expect, it } from 'vitest';
import { crc32c } from '../src/tensorboard/crc32c.js';
import { summaryEvent } from '../src/tensorboard/event.js';
import { tfRecord } from '../src/tensorboard/tf-record.js';

const bytes = (fill: (at: number) => number): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, at) => fill(at));

describe('crc32c', () => {
  it.each([
    ['32 zeros', bytes(() => 0), 0x8a9136aa],
    ['32 ones', bytes(() => 0xff), 0x62a8ab43],
    ['ascending', bytes((at) => at), 0x46dd794e],
    ['descending', bytes((at) => 31 - at), 0x113fdb5c],
    // The check value of CRC-32/ISCSI in the catalogue of parametrised CRC algorithms.
    ['123456789', new TextEncoder().encode('123456789'), 0xe3069283],
  ])('of RFC 3720, appendix B.4: %s', (_, data, expected) => {
    expect(crc32c(data)).toBe(expected);
  });
});

describe('tfRecord', () => {
  it("frames TensorFlow's own test record as TensorFlow does", () => {
    // RECORD of tensorflow/python/summary/impl/event_file_loader_test.py: an event with a time and a file version.
    const data = '090000c025dd75d5411a0d627261696e2e4576656e743a31';
    const record = `1800000000000000a37f4b22${data}ecf3328d`;
    expect(Buffer.from(tfRecord(Buffer.from(data, 'hex'))).toString('hex')).toBe(record);
  });

  it('frames what tensorboard_logger writes for a scalar as it does, from the message on', () => {
    // test_serialization of tensorboard_logger: `v/1` is 1.5 in step 1, at 256.5 s; and 16 in step 2.
    const records = [
      '19000000000000008bf10828090000000000087040' + '10012a0c0a0a0a03762f31150000c03f2cecc087',
      '1a00000000000000129bd82d090000000000087040' + '10022a0d0a0b0a04762f323215000080418fa3b688',
    ];
    const written = [
      summaryEvent({ wallTime: 256.5, step: 1 }, [{ tag: 'v/1', scalar: 1.5 }]),
      summaryEvent({ wallTime: 256.5, step: 2 }, [{ tag: 'v/22', scalar: 16 }]),
    ];
    expect(written.map((event) => Buffer.from(tfRecord(event)).toString('hex'))).toEqual(records);
  });
});

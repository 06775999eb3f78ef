import { formatHubName, parseHubName, readingsOf } from '@ligature/hub';
import { describe, expect, it } from 'vitest';

describe('a name on the Hub', () => {
  it.each([
    [
      'hf:Salesforce/wikitext/wikitext-2-raw-v1',
      [{ id: 'Salesforce/wikitext', config: 'wikitext-2-raw-v1' }],
    ],
    [
      'hf:wikitext/wikitext-2-raw-v1',
      [{ id: 'wikitext/wikitext-2-raw-v1' }, { id: 'wikitext', config: 'wikitext-2-raw-v1' }],
    ],
    ['hf:nyu-mll/glue/sst2', [{ id: 'nyu-mll/glue', config: 'sst2' }]],
    ['hf:imdb', [{ id: 'imdb' }]],
    // A configuration may be called as no repository is.
    ['hf:wikipedia/20220301.a--b', [{ id: 'wikipedia', config: '20220301.a--b' }]],
  ])('%s is read as %j', (written, readings) => {
    expect(readingsOf(parseHubName(written))).toEqual(readings);
  });

  it('has a revision behind @', () => {
    expect(parseHubName('hf:a/b@refs/convert/parquet')).toEqual({
      parts: ['a', 'b'],
      revision: 'refs/convert/parquet',
    });
    expect(formatHubName({ id: 'a/b', config: 'c' }, 'main')).toBe('hf:a/b/c@main');
  });

  it.each([
    ...[
      'hf:',
      'hf:/',
      'hf:a/',
      'hf:a//b',
      'hf:a/b/c/d',
      'hf:..',
      'hf:../..',
      'hf:a/..',
      'hf:a/../b',
      'hf:.a/b',
      'hf:a/b/..',
    ],
    ...[
      'hf:a b/c',
      'hf:a/b?x=1',
      'hf:a/b#c',
      'hf:a%2f../b',
      'hf:a/b\\c',
      'hf:a/b\n',
      'hf:ä/b',
      'hf:a..b/c',
      'hf:a--b/c',
    ],
    ...[
      'hf:a/b@',
      'hf:a/b@..',
      'hf:a/b@x/../y',
      'hf:a/b@x//y',
      'hf:a/b@/x',
      'hf:a/b@x/',
      'hf:a/b@x y',
      'hf:a/b@x@y',
      'hf:a/b@-x',
    ],
    `hf:${'a'.repeat(97)}/b`,
  ])('is not %j', (written) => {
    expect(() => parseHubName(written)).toThrow(expect.objectContaining({ code: 'hub-name-invalid' }));
  });
});

/** Folders of images, which are made here: PNG keeps every byte, so that what is read can be compared with what was drawn. */
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers.js';
import { create, refusal, SPLITS } from './helpers.js';

/** A picture of one colour, [red, green, blue] or with a fourth for what is transparent. */
const plain = (colour: readonly number[], width = 4, height = 4): sharp.Sharp =>
  sharp(
    Uint8Array.from({ length: width * height * colour.length }, (_, at) => colour[at % colour.length]!),
    {
      raw: { width, height, channels: colour.length as 3 | 4 },
    },
  );
const png = (colour: readonly number[], width?: number, height?: number): Promise<Buffer> =>
  plain(colour, width, height).png().toBuffer();

/** `<class>/<number>.png`; red is the number, green the class. */
async function pictures(classes: Readonly<Record<string, number>>): Promise<Record<string, Buffer>> {
  const files: Record<string, Buffer> = {};
  for (const [label, [name, count]] of Object.entries(classes).entries())
    for (let at = 0; at < count; at += 1) files[`${name}/${10 + at}.png`] = await png([10 + at, label, 9]);
  return files;
}

const redsOf = (pixels: Uint8Array): number[] =>
  Array.from({ length: pixels.length / 48 }, (_, image) => pixels[48 * image] as number);

describe('image-folder', () => {
  it('cuts three splits evenly from each class', async () => {
    const folder = temporaryFolder({
      ...(await pictures({ cat: 10, ant: 4 })),
      '.hidden/a.png': 'x',
      'cat/notes.txt': 'x',
    });
    const dataset = await create('image-folder', { path: '.', validation: 0.2, test: 0.1 }, folder);
    const [train, validation, test] = await Promise.all(SPLITS.map((split) => dataset.images(split)));
    expect(train!.classes).toEqual(['ant', 'cat']);
    expect(train).toMatchObject({ channels: 3, height: 4, width: 4, origin: 'derived' });
    // Of ten: 15 is the middle; of the nine others two are the middles of their halves. Of four: 12, and then 11 of 10, 11, 13.
    expect([redsOf(test!.pixels), Array.from(test!.labels)]).toEqual([
      [12, 15],
      [0, 1],
    ]);
    expect(redsOf(validation!.pixels)).toEqual([11, 12, 17]);
    expect(redsOf(train!.pixels)).toEqual([10, 13, 10, 11, 13, 14, 16, 18, 19]);
    expect(Array.from(train!.labels)).toEqual([0, 0, 1, 1, 1, 1, 1, 1, 1]);
    // Planes: all red, then green, then blue.
    expect(Array.from(test!.pixels.subarray(48 + 15, 48 + 18))).toEqual([15, 0, 0]);
    expect(test!.pixels[48 + 47]).toBe(9);
  });

  it('takes splits as they are named, and cuts what is missing', async () => {
    const some = await pictures({ a: 3, b: 3 });
    const under = (split: string): [string, Buffer][] =>
      Object.entries(some).map(([path, bytes]) => [`${split}/${path}`, bytes]);
    const whole = temporaryFolder(Object.fromEntries([...under('train'), ...under('val'), ...under('test')]));
    const dataset = await create('image-folder', {}, '.', whole);
    for (const split of SPLITS)
      expect(await dataset.images(split)).toMatchObject({
        origin: 'official',
        labels: Int32Array.of(0, 0, 0, 1, 1, 1),
      });
    const cut = await create('image-folder', {
      path: temporaryFolder(Object.fromEntries([...under('train'), ...under('test')])),
    });
    expect(redsOf((await cut.images('validation')).pixels)).toEqual([11, 11]);
    expect(redsOf((await cut.images('train')).pixels)).toEqual([10, 12, 10, 12]);
    expect((await cut.images('train')).origin).toBe('derived');
    expect((await cut.images('test')).origin).toBe('official');
  });

  it('makes squares, of what is in the middle, and grey ones', async () => {
    const wide = sharp({ create: { width: 30, height: 10, channels: 3, background: '#ff0000' } }).composite([
      { input: await png([0, 255, 0], 10, 10), left: 10, top: 0 },
    ]);
    const folder = temporaryFolder({
      'train/a/wide.png': await wide.png().toBuffer(),
      'train/b/grey.webp': await plain([77, 77, 77], 6, 6)
        .toColourspace('b-w')
        .webp({ lossless: true })
        .toBuffer(),
      'test/a/clear.png': await png([50, 60, 70, 0], 10, 10),
      'validation/b/x.png': await png([255, 0, 0], 10, 10),
    });
    const colour = await (await create('image-folder', { path: folder, size: 10 })).images('train');
    expect([colour.height, colour.width, colour.pixels.length]).toEqual([10, 10, 600]);
    expect([...new Set(colour.pixels.subarray(0, 100))]).toEqual([0]);
    expect([...new Set(colour.pixels.subarray(100, 200))]).toEqual([255]);
    expect([...new Set(colour.pixels.subarray(300))]).toEqual([77]);
    const grey = await create('image-folder', { path: folder, size: 10, channels: 1 });
    // Pillow 13.0's convert('L') of (0, 255, 0), of 77 thrice, of (50, 60, 70) and of (255, 0, 0).
    const { pixels } = await grey.images('train');
    expect([pixels.length, pixels[50], pixels[150]]).toEqual([200, 150, 77]);
    expect((await grey.images('test')).pixels[0]).toBe(58);
    expect((await grey.images('validation')).pixels[0]).toBe(76);
  });

  it.each([
    ['a text that is called an image', 'oops', 'image-damaged', /a\/10\.png.*cannot be decoded/],
    [
      'an SVG that is called a PNG',
      '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>',
      'image-damaged',
      /format svg/,
    ],
    ['an empty file', '', 'image-damaged', /a\/10\.png/],
  ])('refuses %s, by its name', async (_, content, code, words) => {
    const folder = temporaryFolder({ ...(await pictures({ a: 3, b: 3 })), 'a/10.png': content });
    const dataset = await create('image-folder', { path: folder });
    await expect(dataset.images('train')).rejects.toEqual(refusal(code));
    await expect(dataset.images('train')).rejects.toThrow(words);
  });

  it('refuses an image that ends early, and one of more pixels than can be meant', async () => {
    const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, at) => (at * at * 31 + at * 7) % 251);
    const whole = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      .png()
      .toBuffer();
    const vast = await sharp({ create: { width: 9000, height: 9000, channels: 3, background: '#000' } })
      .png()
      .toBuffer();
    for (const [bytes, words] of [
      [whole.subarray(0, whole.length / 2), /10\.png: it cannot be decoded/],
      [vast, /exceeds pixel limit/],
    ] as const) {
      const folder = temporaryFolder({ ...(await pictures({ a: 3, b: 3 })), 'a/10.png': bytes });
      const dataset = await create('image-folder', { path: folder, size: 4 });
      await expect(dataset.images('train')).rejects.toEqual(refusal('image-damaged'));
      await expect(dataset.images('train')).rejects.toThrow(words);
    }
  });

  it('refuses images of several sizes, naming two of them', async () => {
    const folder = temporaryFolder({
      ...(await pictures({ a: 3, b: 3 })),
      'b/10.png': await png([1, 2, 3], 5, 4),
    });
    const dataset = await create('image-folder', { path: folder });
    await expect(dataset.images('train')).rejects.toEqual(refusal('image-sizes-differ'));
    await expect(dataset.images('train')).rejects.toThrow(
      /a\/10\.png has 4 x 4.*b\/10\.png has 5 x 4.*dataset\.size/,
    );
  });

  it('refuses folders that say nothing, or too little', async () => {
    const of = async (files: Record<string, string | Uint8Array>): Promise<unknown> =>
      (await create('image-folder', { path: temporaryFolder(files) })).images('train');
    const some = await pictures({ a: 3, b: 3 });
    await expect(of({})).rejects.toEqual(refusal('dataset-empty'));
    await expect(of({ ...some, 'c/notes.txt': 'x' })).rejects.toEqual(refusal('dataset-empty'));
    await expect(of({ 'a/1.png': 'x', 'b/1.png': 'x' })).rejects.toEqual(refusal('dataset-too-short'));
    const train = Object.fromEntries(Object.entries(some).map(([path, bytes]) => [`train/${path}`, bytes]));
    await expect(of({ ...train, 'test/z/1.png': 'x' })).rejects.toThrow(/class "z"/);
    await expect(of({ ...train, 'val/a/1.png': 'x', 'valid/a/1.png': 'x' })).rejects.toEqual(
      refusal('dataset-splits-unclear'),
    );
    await expect(of({ ...train, 'test/1.png': 'x' })).rejects.toEqual(refusal('dataset-empty'));
    await expect((await create('image-folder', { path: 'nowhere' })).images('test')).rejects.toEqual(
      refusal('dataset-missing'),
    );
  });

  it('reads no link', async () => {
    const folder = temporaryFolder(await pictures({ a: 3, b: 3 }));
    const outside = temporaryFolder();
    writeFileSync(join(outside, 'x.png'), await png([1, 2, 3]));
    symlinkSync(join(outside, 'x.png'), join(folder, 'a', 'x.png'));
    await expect((await create('image-folder', { path: folder })).images('test')).rejects.toEqual(
      refusal('dataset-link'),
    );
  });
});

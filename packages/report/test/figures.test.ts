import { allTieMaps } from '@ligature/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockColor, chartSvg, inkOn, tieMapSegments, tieMapSvg, trailingMean } from '../src/index.js';
import { trial } from './synthetic.js';

/** Filled paths of one mark group, as Vega writes them. */
const group = (svg: string, name: string): string[] => {
  const start = svg.indexOf(`class="mark-`, svg.indexOf(`role-mark ${name}`) - 40);
  const end = svg.indexOf('</g>', start);
  return [...svg.slice(start, end).matchAll(/fill="(#[0-9a-f]{6})"/g)].map(([, fill]) => fill as string);
};

describe('colours', () => {
  it('differ for the first 48 owners', () => {
    const colours = Array.from({ length: 48 }, (_, owner) => blockColor(owner));
    expect(new Set(colours).size).toBe(48);
    expect(colours[0]).toBe('#0072b2');
    // Half way from #0072b2 to white.
    expect(colours[8]).toBe('#80b9d9');
  });

  it('get ink that can be read: at least 4.5 : 1', () => {
    const luminance = (hex: string): number => {
      const [r = 0, g = 0, b = 0] = [1, 3, 5]
        .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
        .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    for (let owner = 0; owner < 48; owner += 1) {
      const [a, b] = [luminance(blockColor(owner)), luminance(inkOn(blockColor(owner)))];
      expect((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)).toBeGreaterThan(4.5);
    }
  });
});

describe('segments', () => {
  it('merge what did not change and end at the last step', () => {
    const tieMaps = [
      { step: 0, window: 0, tieMap: [0, 1, 2] },
      { step: 2, window: 1, tieMap: [0, 0, 2] },
      { step: 4, window: 2, tieMap: [0, 0, 0] },
      { step: 4, window: 3, tieMap: [0, 0, 2] },
    ];
    expect(tieMapSegments({ layers: 3, tieMaps, steps: 6 })).toEqual([
      { layer: 0, owner: 0, from: 0, to: 6 },
      { layer: 1, owner: 1, from: 0, to: 2 },
      { layer: 1, owner: 0, from: 2, to: 6 },
      { layer: 2, owner: 2, from: 0, to: 6 },
    ]);
  });

  it('say at every step what the map in force says', () => {
    const maps = [...allTieMaps(4)];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...maps), { minLength: 1, maxLength: 12 }), (history) => {
        const steps = history.length * 3;
        const tieMaps = history.map((tieMap, window) => ({ step: window * 3, window, tieMap }));
        const segments = tieMapSegments({ layers: 4, tieMaps, steps });
        for (let step = 0; step < steps; step += 1) {
          const seen = [0, 1, 2, 3].map((layer) =>
            segments
              .filter((one) => one.layer === layer && one.from <= step && step < one.to)
              .map((one) => one.owner),
          );
          expect(seen).toEqual(history[Math.floor(step / 3)]?.map((owner) => [owner]));
        }
      }),
    );
  });

  it('stay few for a run that is longer than the picture is wide', () => {
    const tieMaps = Array.from({ length: 5000 }, (_, window) => ({
      step: window,
      window,
      tieMap: [0, window % 2],
    }));
    const segments = tieMapSegments({ layers: 2, tieMaps, steps: 5000 }, 100);
    expect(segments.filter(({ layer }) => layer === 1).length).toBeLessThanOrEqual(100);
    expect(segments.at(-1)?.to).toBe(5000);
  });
});

describe('the picture of a tie map', () => {
  // Layers 1 and 2 start on their own; layer 1 is tied to 0 at step 4, layer 2 stays.
  const result = trial('random', 7, 2, [0, 0, 2]);

  it('draws a stretch per owner, in its colour, and marks the independent ones', async () => {
    const svg = await tieMapSvg(result);
    expect(group(svg, 'stretches')).toEqual([0, 1, 0, 2].map(blockColor));
    expect(group(svg, 'independent')).toHaveLength(3);
    expect(group(svg, 'owners')).toHaveLength(4);
    for (const text of [
      'random, seed 7: blocks in use',
      'training step',
      'layer',
      'block of layer',
      'own block',
    ]) {
      expect(svg).toContain(`>${text}</text>`);
    }
  });

  it('has a light panel of its own, and the same bytes every time', async () => {
    const svg = await tieMapSvg(result);
    expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).toMatch(/<rect width="\d+" height="\d+" fill="#ffffff"/);
    expect(await tieMapSvg(result)).toBe(svg);
  });

  it('escapes a title', async () => {
    const svg = await tieMapSvg({ layers: 1, steps: 1, tieMaps: [], title: '<script>&' });
    expect(svg).toContain('&lt;script&gt;&amp;');
    expect(svg).not.toContain('<script>');
  });
});

describe('loss curves', () => {
  it('smooths by the mean of the last points', () => {
    const points = [4, 2, 6].map((loss, index) => ({ step: index + 1, loss }));
    expect(trailingMean(points, 2).map(({ loss }) => loss)).toEqual([4, 3, 4]);
  });

  it('draws one line per seed, coloured by controller', async () => {
    const curves = [
      trial('none', 1, 2, [0, 1, 2]),
      trial('none', 2, 2, [0, 1, 2]),
      trial('cycle', 1, 2, [0, 1, 0]),
    ].map(({ controller: label, seed, tokens, losses }) => ({ trial: '', label, seed, tokens, losses }));
    const svg = await chartSvg({
      ...{ kind: 'chart', id: 'loss', title: 'Training loss', alt: '', notes: [] },
      drawing: { kind: 'loss', yTitle: 'nats per token', curves },
    });
    const strokes = [...svg.matchAll(/class="mark-line[^>]*>\s*<path[^>]*stroke="(#[0-9a-f]{6})"/g)].map(
      ([, c]) => c,
    );
    expect(strokes).toEqual([blockColor(0), blockColor(0), blockColor(1)]);
    expect(svg).toContain('>nats per token</text>');
  });
});

/** Pieces that pages of every kind have: facts, maps in colour, how a run was made, its configuration. */
import type { TieMap } from '@ligature/core';
import { blockColor, inkOn } from '../colors.js';
import type { Manifest } from '../load/run-folder.js';
import type { Fact } from '../run-markdown.js';
import { markup, Markup } from './markup.js';

export function factsHtml(facts: readonly Fact[]): Markup {
  return markup`<dl class="facts">${facts.map(({ name, value }) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** A tie map as coloured cells with numbers; a line below a cell means that the block is the layer's own. */
export function mapHtml(map: TieMap): Markup {
  const cells = map.map((owner, layer) => {
    const color = blockColor(owner);
    // Colours come from `blockColor`, never from data.
    return markup`<span${owner === layer && OWN} style="background:${color};color:${inkOn(color)}">${owner}</span>`;
  });
  return markup`<span class="map" role="img" aria-label="${map.join('-')}">${cells}</span>`;
}

const OWN = new Markup(' class="own"');

/** A command as one would type it. */
export function commandText(words: readonly string[]): string {
  const quoted = words.map((word) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`,
  );
  return ['ligature', ...quoted].join(' ');
}

/** The command, the versions and the machine: what is known of them. */
export function provenanceHtml(
  { command, ligature, backend, plugins, machine }: Manifest,
  otherwise: string,
): Markup {
  const versions = [
    ...(ligature === undefined ? [] : [`ligature ${ligature}`]),
    ...(backend ? [`${backend.name} ${backend.version} (${backend.detail})`] : []),
    ...Object.entries(plugins ?? {}).map(([name, version]) => `${name} ${version}`),
  ];
  const place = Object.entries(machine ?? {}).map(([name, value]) => `${name} ${value}`);
  return markup`<h2>How it was made</h2>
${
  command
    ? markup`<p>The command, as it was given:</p><pre><code>${commandText(command)}</code></pre>`
    : markup`<p>The command was not recorded. To repeat it, save the configuration below as <code>config.json</code>:</p><pre><code>${otherwise}</code></pre>`
}
${versions.length > 0 && markup`<p class="note">Versions: ${versions.join(', ')}.</p>`}
${place.length > 0 && markup`<p class="note">Machine: ${place.join(', ')}.</p>`}`;
}

export function configHtml(config: unknown): Markup {
  return markup`<details><summary>The whole configuration</summary><pre><code>${JSON.stringify(config, null, 2)}</code></pre></details>`;
}

export const heading = (text: string): Markup => markup`<h2>${text}</h2>`;

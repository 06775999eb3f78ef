/** A whole page in one file: style, tables, drawn charts, and the scripts that bring the charts to life. */
import { createHash } from 'node:crypto';
import { visibleIn } from '@ligature/core';
import type { Chart, ChartSwitch } from '../charts/chart.js';
import { pageScript, pageStyle } from './assets.js';
import { drawChart } from './draw.js';
import { markup, jsonInScript, Markup } from './markup.js';
import { vegaScripts } from './vega-scripts.js';

export interface Page {
  readonly title: string;
  /** `run`, `comparison`, …: shown above the title. */
  readonly kind: string;
  readonly body: readonly (Markup | Chart)[];
  /** Files that the reader may save: what the page shows, for other programs. */
  readonly downloads?: readonly Download[];
}

export interface Download {
  readonly name: string;
  readonly type: 'text/csv' | 'text/markdown' | 'application/json';
  readonly text: string;
}

const isChart = (part: Markup | Chart): part is Chart => !(part instanceof Markup);

const CHECKED = new Markup(' checked');

const hash = (script: string): string => `'sha256-${createHash('sha256').update(script).digest('base64')}'`;

/**
 * HTML text that needs nothing beside it: no network, no font, no other file. Its policy allows exactly its own
 * scripts, and nothing to be loaded from anywhere.
 */
export async function pageHtml({ title, kind, body, downloads = [] }: Page): Promise<string> {
  const charts = body.filter(isChart);
  const scripts = charts.length > 0 ? [...vegaScripts(), pageScript()] : [pageScript()];
  const safe = scripts.map(inScript);
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src ${safe.map(hash).join(' ')}; base-uri 'none'; form-action 'none'`;
  const parts: Markup[] = [];
  for (const part of body) parts.push(isChart(part) ? await figureHtml(part) : part);
  const specs = visibleIn(Object.fromEntries(charts.map(({ id, spec }) => [id, spec])));
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Markup(pageStyle())}</style>
</head>
<body>
<a class="skip" href="#main">To the content</a>
<div class="page">
<header class="top"><span class="kind">Ligature · ${kind}</span>
<label class="needs-script">Colours <select id="theme">
<option value="auto">as the system</option><option value="light">light</option><option value="dark">dark</option>
</select></label></header>
<main id="main">
<h1>${title}</h1>
${downloads.length > 0 && markup`<ul class="downloads" aria-label="Save as">${downloads.map(downloadHtml)}</ul>`}
${parts}
</main>
</div>
<script type="application/json" id="charts">${new Markup(jsonInScript(specs))}</script>
${safe.map((script) => markup`<script>${new Markup(script)}</script>\n`)}</body>
</html>
`.text;
}

/** Inside a string literal, where alone it can stand in a script, `<\/` is the same as `</`. */
const inScript = (script: string): string =>
  script.replaceAll(/<(\/script|!--)/gi, (_, end: string) => `<\\${end}`);

function downloadHtml({ name, type, text }: Download): Markup {
  const data = `data:${type};charset=utf-8;base64,${Buffer.from(text).toString('base64')}`;
  return markup`<li><a download="${name}" href="${data}">${name}</a></li>`;
}

/** A chart as it is before any script runs, with its heading, its choices and its words. */
export async function figureHtml(chart: Chart): Promise<Markup> {
  const { id, title, alt, notes, switches = [] } = chart;
  return markup`<figure data-chart="${id}" aria-labelledby="${id}-title">
<h3 id="${id}-title">${title}</h3>
${switches.map((one) => switchHtml(id, one))}
<div class="chart" role="img" aria-label="${alt}"><div>${new Markup(await drawChart(chart))}</div></div>
${notes.length > 0 && markup`<figcaption>${notes.join(' ')}</figcaption>`}
</figure>`;
}

function switchHtml(id: string, { signal, label, options }: ChartSwitch): Markup {
  const choices = options.map(
    ({ value, label: text }, index) =>
      markup`<label><input type="radio" name="${id}.${signal}" value="${value}"${index === 0 && CHECKED}> ${text}</label>`,
  );
  return markup`<fieldset class="switch needs-script"><legend>${label}</legend>${choices}</fieldset>`;
}

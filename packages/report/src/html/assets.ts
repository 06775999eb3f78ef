/** Style and script of a page: plain files beside the compiled code, the same for sources and for the package. */
import { readFileSync } from 'node:fs';

const asset = (name: string): string =>
  readFileSync(new URL(`../../assets/${name}`, import.meta.url), 'utf8');

/** The style of our pages: light, dark and print; custom properties that charts take their colours from. */
export const pageStyle = (): string => `${asset('page.css')}${asset('print.css')}`;

/** Draws the charts of a page, sorts its tables, switches its colours. Needs `vegaScripts()` before it. */
export const pageScript = (): string => asset('page.js');

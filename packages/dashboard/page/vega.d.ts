/** The bundle of Vega that the page loads as a script. */
declare const vega: typeof import('vega') & typeof import('vega-util');

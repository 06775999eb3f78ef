/** What the interpreter of Vega takes from `vega-util`, out of the bundle that the page has loaded anyway. */
export const { ascending, isString, DisallowedObjectProperties } = vega;

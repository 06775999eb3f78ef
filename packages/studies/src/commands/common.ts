/** What common flags mean to most studies. */
export const SEEDS = 'a number of seeds, or seeds between commas';
export const PARALLEL = 'trials side by side, or auto: as many as fit';
export const DECIDES = 'who decides which layers are tied';

/** Sizes that the products' functions and the blocking around them agree on. */

/** Rows and columns of the register tile: 8 accumulators of 4 floats leave room for operands in 16 registers. */
export const TILE_ROWS = 4;
export const TILE_COLUMNS = 8;
/** Bytes of a float and of a vector, floats in a vector. */
export const FLOAT = 4;
export const VECTOR = 16;
export const LANES = 4;

export { defineConfig } from './config/define.js';
export { processIo, type Interrupt, type Io, type OutputStream } from './io.js';
export { run } from './run.js';

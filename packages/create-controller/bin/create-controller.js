#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
if (!existsSync(main)) {
  process.stderr.write(
    'create-controller: this checkout is not built yet. Run `npm run build` once, then try again.\n',
  );
  process.exit(1);
}
await import(main.href);

import { defaultClientConditions, defineConfig } from 'vite';

export default defineConfig({
  // Any folder of a static server will do.
  base: './',
  // Ligature from its sources: this page is part of its repository. Installed from npm, no condition is needed.
  resolve: { conditions: ['@ligature/source', ...defaultClientConditions] },
  build: { target: 'es2023' },
});

// Nx loads generators with require() and compiles no TypeScript without a compiler of its own choice; tsx does.
const load = (file) => async (tree, options) => {
  const { tsImport } = await import('tsx/esm/api');
  const { generate } = await tsImport(file, __filename);
  return generate(tree, options);
};

module.exports = { package: load('./package.ts'), controller: load('./controller.ts') };

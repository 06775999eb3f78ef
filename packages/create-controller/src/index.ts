/** A generator of controller packages, behind `npm create @ligature/controller`. */
export { createControllerPackage, type MadePackage, type NewPackage } from './create.js';
export { templateFiles, type Files, type TemplateValues } from './template.js';
export { parsePackageName, type PackageName } from './names.js';

import './flags.js';
import { registerOnnxRuntime } from './register.js';

// Like tfjs's own backends: importing the package is enough for tf.setBackend('onnxruntime').
registerOnnxRuntime();

export { BACKEND_NAME, registerOnnxRuntime, type RegisterOptions } from './register.js';
export { OnnxRuntimeBackend, type BackendStatistics } from './backend.js';
export { OnnxRuntimeError, type OnnxRuntimeErrorCode } from './errors.js';
export { EXECUTION_PROVIDERS, type ExecutionProvider, type OnnxRuntimeOptions } from './options.js';
export { loadBinding, type Binding } from './runtime/binding.js';
export { compile, type Compiled, type CompiledStatistics, type CompileOptions } from './compile.js';

export { jcoEngine } from './jco-engine.js';

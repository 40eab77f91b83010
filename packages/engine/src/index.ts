export { lodgeEngine } from './engine.js';

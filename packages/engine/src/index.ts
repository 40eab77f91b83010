export { type LodgeEngineOptions, lodgeEngine } from './engine.js';
export { type ComponentPlan, type CoreInstancePlan, explainComponent, type PlannedFunction } from './explain.js';
export type { ResetException } from './find-reset-exceptions.js';

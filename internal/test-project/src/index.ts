export { createProject, type Project } from './project.js';

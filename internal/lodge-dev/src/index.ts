export { type DevServer, lodgeDev } from './lodge-dev.js';

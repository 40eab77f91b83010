import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top of the checkout. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Tools that the checkout brings for itself, and the notes of these scripts. Ignored by git; safe to delete. */
export const toolsFolder = join(root, '.tools');

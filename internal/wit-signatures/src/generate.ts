import { mkdir, writeFile } from 'node:fs/promises';
import { moduleText } from './module-text.ts';
import { witPackages } from './packages.ts';
import { signaturesOf } from './signatures.ts';
import { packageFolder, readWitPackages } from './wit-package.ts';

for (const name of witPackages) {
  const packages = await readWitPackages(new URL('wit/', packageFolder(name)));
  const folder = new URL('src/generated/', packageFolder(name));
  await mkdir(folder, { recursive: true });
  await writeFile(new URL('signatures.ts', folder), moduleText(await signaturesOf(packages), packages));
}

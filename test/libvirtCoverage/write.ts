/** Writes the page about what the binding covers, and says what is neither called nor explained. */
import { writeFileSync } from 'node:fs';
import { page, shareSentence, unexplained } from './coverage.js';
import { headerVersion } from './headers.js';
import { pagePath, survey } from './survey.js';

const current = survey();
writeFileSync(pagePath, page(current));
process.stdout.write(`${shareSentence(current)}\n`);
for (const name of unexplained(current)) {
  process.stdout.write(`neither called nor explained (libvirt ${headerVersion()}): ${name}\n`);
}

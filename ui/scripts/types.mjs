// Types of the API. From: openapi.json, as MUTT serves it. To: src/api/schema.d.ts.
import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

const document = JSON.parse(await readFile(new URL('../openapi.json', import.meta.url), 'utf8'));

// Operation ids are not unique over all paths, and types that are named by them would be mixed up.
for (const operations of Object.values(document.paths)) {
  for (const operation of Object.values(operations)) delete operation.operationId;
}

const types = astToString(await openapiTS(document, { alphabetize: true }));
const target = new URL('../src/api/schema.d.ts', import.meta.url);
// A file that is written anew is a reason for cargo to build the pages anew.
const before = await readFile(target, 'utf8').catch(() => '');
if (before !== types) await writeFile(target, types);

import t from 'tap';
import type { FunctionRecord } from '../../../../src/model/function.js';
import { type Subject, subjectKey, subjectName } from '../../../../src/pool/template/subject.js';
import { functionRecord } from '../../../support/functionRecord.js';

const ground = '0'.repeat(32);
const runtime = (name: string): Subject => ({ kind: 'runtime', runtime: name });
const ofFunction = (changes: Partial<FunctionRecord> = {}): Subject => {
  const version = '1';
  return { kind: 'function', fn: functionRecord('hello', { version, ...changes }) };
};

t.test('a template is named by what it is of', async (t) => {
  t.equal(subjectName(runtime('nodejs20.x')), 'nodejs20.x');
  t.equal(subjectName(ofFunction()), 'hello:1');
});

t.test('each runtime, and each revision of a version, has its own on each ground', async (t) => {
  const { code } = functionRecord('hello');
  const keys = [
    subjectKey(ground, runtime('nodejs20.x')),
    subjectKey(ground, runtime('../nodejs20.x')),
    subjectKey('1'.repeat(32), runtime('nodejs20.x')),
    subjectKey(ground, ofFunction()),
    subjectKey('1'.repeat(32), ofFunction()),
    subjectKey(ground, ofFunction({ functionName: 'other' })),
    subjectKey(ground, ofFunction({ version: '2' })),
    subjectKey(ground, ofFunction({ revisionId: 'second' })),
    subjectKey(ground, ofFunction({ code: { ...code, sha256: '1'.repeat(64) } })),
  ];
  t.equal(new Set(keys).size, keys.length);
  for (const key of keys) t.match(key, /^[0-9a-f]{32}$/, 'the name of a directory');
});

t.test('what no snapshot has in it makes no other', async (t) => {
  const { code } = functionRecord('hello');
  const key = subjectKey(ground, ofFunction());
  t.equal(subjectKey(ground, ofFunction({ description: 'other' })), key);
  t.equal(subjectKey(ground, ofFunction({ state: { kind: 'active' } })), key);
  t.equal(subjectKey(ground, ofFunction({ code: { ...code, imagePath: '/moved' } })), key);
});

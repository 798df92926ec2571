import { rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t from 'tap';
import { readTrace } from '../../../bench/simulator/trace.js';
import { findTraceFiles } from '../../../bench/simulator/traceFiles.js';
import { traceTexts, writeTrace } from './traceDirectory.js';

const two = [
  { name: 'a', calls: { 0: 2, 1439: 1 }, durationMs: 100, needMib: 200 },
  { name: 'b', calls: { 5: 1 }, durationMs: 0, needMib: 300 },
];

t.test('a trace is its functions, with what is known of each', async (t) => {
  const prefix = await writeTrace(t, traceTexts(two));
  const { functions, leftOut } = await readTrace(await findTraceFiles(prefix));
  t.equal(leftOut, 0);
  t.equal(functions.length, 2);
  const [a, b] = functions;
  t.equal(a?.callsPerMinute.length, 1440);
  t.equal(a?.callsPerMinute[0], 2);
  t.equal(a?.callsPerMinute[1439], 1);
  t.equal(a?.durationMs.at(0.3), 100);
  t.equal(a?.needMib.at(0.001), 200);
  t.equal(b?.durationMs.at(0.3), 1, 'no call takes no time at all');
});

t.test('the directory of the original data set is a trace, too', async (t) => {
  const prefix = await writeTrace(t, traceTexts(two, ''));
  const directory = dirname(prefix);
  await t.rejects(findTraceFiles(directory), { message: /has no day with all three files/ });
  const name = (kind: string) => join(directory, `${kind}.anon.d03.csv`);
  await rename(`${prefix}_inv.csv`, name('invocations_per_function_md'));
  await rename(`${prefix}_run.csv`, name('function_durations_percentiles'));
  await rename(`${prefix}_mem.csv`, name('app_memory_percentiles'));
  const { functions } = await readTrace(await findTraceFiles(directory));
  t.equal(functions[1]?.callsPerMinute[5], 1);
});

t.test('a function of which too little is told is left out, and counted', async (t) => {
  const texts = traceTexts(two);
  const prefix = await writeTrace(t, { ...texts, mem: texts.mem.replace('o,b,', 'o,c,') });
  const { functions, leftOut } = await readTrace(await findTraceFiles(prefix));
  t.equal(functions.length, 1);
  t.equal(leftOut, 1);
});

const texts = traceTexts(two);
const bad = {
  'inv.csv:3: has 1442 cells, and needs the 1443 of the head': {
    inv: texts.inv.replace(/,0\n$/, '\n'),
  },
  "inv.csv:2: minute_1 is 'x'; allowed are numbers from 0": {
    inv: texts.inv.replace('o,a,a,2', 'o,a,a,x'),
  },
  'inv.csv:2: minute_1 is 1.5; allowed are whole numbers up to': {
    inv: texts.inv.replace('o,a,a,2', 'o,a,a,1.5'),
  },
  'inv.csv:2: there is no column HashApp, which is needed': {
    inv: texts.inv.replace('HashApp', 'App'),
  },
  'inv.csv:3: says again what line 2 says': { inv: texts.inv.replace('o,b,b', 'o,a,a') },
  'inv.csv:1: is empty': { inv: '' },
  'run.csv:2: percentile_Average_0 is empty': { run: texts.run.replace('a,a,100', 'a,a,') },
  "run.csv:2: percentile_Average_0 is '-1'": { run: texts.run.replace('a,a,100', 'a,a,-1') },
  'run.csv:2: percentile_Average_1 is 100 and the percentile before it 900; allowed': {
    run: texts.run.replace('a,a,100', 'a,a,900'),
  },
  'mem.csv:3: HashApp is empty': { mem: texts.mem.replace('o,b', 'o,') },
} as const;

for (const [message, change] of Object.entries(bad)) {
  t.test(`a bad row is named: ${message}`, async (t) => {
    const prefix = await writeTrace(t, { ...texts, ...change });
    const reading = findTraceFiles(prefix).then(readTrace);
    await t.rejects(reading, { name: 'TraceError' });
    const error = await reading.catch((reason: Error) => reason);
    t.ok(String(error).includes(`small_${message}`), String(error));
  });
}

t.test('a file that is not there, or whose quotes do not end, is named', async (t) => {
  await t.rejects(findTraceFiles('/no/such').then(readTrace), { message: /such_run\.csv: ENOENT/ });
  const prefix = await writeTrace(t, { ...texts, run: texts.run.replace('o,b', '"o,b') });
  await t.rejects(findTraceFiles(prefix).then(readTrace), { message: /_run\.csv:\d+: / });
});

import t from 'tap';
import { isShort, readHostMemory, stalledPercentIn } from '../../../src/pool/pressure.js';

t.test('a host is short of memory by what is available, or by who waits for it', async (t) => {
  t.equal(isShort({ available: 0.5, stalledPercent: 0 }), false);
  t.equal(isShort({ available: 0.05, stalledPercent: 0 }), true);
  t.equal(isShort({ available: 0.5, stalledPercent: 30 }), true);
  t.equal(isShort({ available: 0.5, stalledPercent: null }), false);
});

t.test('the figure is that of some process in ten seconds', async (t) => {
  const text =
    'some avg10=1.25 avg60=2.00 avg300=3.00 total=4\n' +
    'full avg10=5.00 avg60=6.00 avg300=7.00 total=8\n';
  t.equal(stalledPercentIn(text), 1.25);
  t.equal(stalledPercentIn(''), null);
  t.equal(stalledPercentIn('nonsense'), null);
});

t.test('this host can be read', async (t) => {
  const { available, stalledPercent } = await readHostMemory();
  t.ok(available > 0 && available <= 1);
  t.ok(stalledPercent === null || (stalledPercent >= 0 && stalledPercent <= 100));
});

import t from 'tap';
import { Meter } from '../../../bench/simulator/meter.js';

t.test('memory is counted by what holds it, until the end', async (t) => {
  const meter = new Meter(10_000);
  meter.change(0, 'busy', 1024);
  meter.change(2_000, 'busy', -1024);
  meter.change(2_000, 'hot', 512);
  meter.change(4_000, 'deflated', 1024);
  const { busy, hot, deflated, starting } = meter.gibSeconds(60_000);
  t.same({ busy, hot, deflated, starting }, { busy: 2, hot: 4, deflated: 6, starting: 0 });
});

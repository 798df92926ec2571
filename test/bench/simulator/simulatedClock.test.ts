import t from 'tap';
import { SimulatedClock } from '../../../bench/simulator/simulatedClock.js';

t.test('alarms ring at their time, in the order in which they were set', async (t) => {
  const clock = new SimulatedClock();
  const rung: [string, number][] = [];
  const ring = (name: string) => () => rung.push([name, clock.nowMs]);
  clock.after(20, ring('late'));
  clock.after(10, ring('first'));
  clock.after(10, ring('second'));
  const cancelled = clock.after(15, ring('never'));
  clock.after(5, () => clock.after(6, ring('nested')));
  clock.cancel(cancelled);
  clock.advance(12);
  t.same(rung, [
    ['first', 10],
    ['second', 10],
    ['nested', 11],
  ]);
  t.equal(clock.nowMs, 12);
  clock.advance(100);
  t.same(rung.at(-1), ['late', 20]);
});

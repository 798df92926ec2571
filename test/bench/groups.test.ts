import t from 'tap';
import { chosenGroups, groups, needsGround } from '../../bench/groups.js';

t.test('all groups are measured, or those that are named', async (t) => {
  t.same([...chosenGroups(undefined)], groups);
  t.same([...chosenGroups('placement,calls')], ['placement', 'calls']);
  t.throws(() => chosenGroups('placement,speed'), { message: /'speed'; allowed are calls, / });
});

t.test('VMs are there for what needs them only', async (t) => {
  t.notOk(needsGround(chosenGroups('calls,placement,trace-day')));
  for (const group of ['resizes', 'burst', 'invocations', 'cold']) {
    t.ok(needsGround(chosenGroups(`calls,${group}`)), group);
  }
});

import t from 'tap';
import { LateAccounts } from '../../../src/pool/accounts.js';

t.test('until there are accounts, nothing is charged and nothing can be', async (t) => {
  const late = new LateAccounts();
  t.equal(late.reserve('s-1', 64), false);
  late.settle('s-1', 64);
  late.close('s-1');
});

t.test('then everything is theirs', async (t) => {
  const late = new LateAccounts();
  const calls: unknown[] = [];
  late.behind({
    reserve: (id, mib) => {
      calls.push(['reserve', id, mib]);
      return mib <= 64;
    },
    settle: (id, mib) => calls.push(['settle', id, mib]),
    close: (id) => calls.push(['close', id]),
  });
  t.equal(late.reserve('s-1', 64), true);
  t.equal(late.reserve('s-2', 65), false);
  late.settle('s-1', 60);
  late.close('s-1');
  t.same(calls, [
    ['reserve', 's-1', 64],
    ['reserve', 's-2', 65],
    ['settle', 's-1', 60],
    ['close', 's-1'],
  ]);
});

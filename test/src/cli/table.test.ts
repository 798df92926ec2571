import t from 'tap';
import { formatTable } from '../../../src/cli/table.js';

t.test('words stand left, numbers right, and no line ends with spaces', async (t) => {
  const columns = [
    { title: 'NAME', value: (row: { name: string; size: number }) => row.name },
    { title: 'SIZE', value: (row: { name: string; size: number }) => row.size },
    { title: 'NOTE', value: () => '' },
  ];
  const rows = [
    { name: 'a', size: 1024 },
    { name: 'longer', size: 1 },
  ];
  t.equal(formatTable(columns, rows), 'NAME    SIZE  NOTE\na       1024\nlonger     1');
  t.equal(formatTable(columns, []), 'NAME  SIZE  NOTE');
});

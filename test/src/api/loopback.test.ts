import t from 'tap';
import { isLoopback } from '../../../src/api/index.js';

t.test('only what cannot be another host is loopback', async (t) => {
  for (const host of ['localhost', '127.0.0.1', '127.255.0.9', '::1']) t.ok(isLoopback(host), host);
  const others = ['', '0.0.0.0', '10.0.0.1', '::', '127.0.0.1.example.org', '127.1', 'localhost.a'];
  for (const host of others) t.notOk(isLoopback(host), host);
});

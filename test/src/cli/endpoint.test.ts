import t from 'tap';
import { formatEndpoint, listenEndpoint, readEndpoint } from '../../../src/cli/endpoint.js';

t.test('BALLAST_ENDPOINT', async (t) => {
  const read = (value: string) => readEndpoint({ BALLAST_ENDPOINT: value });
  t.same(readEndpoint({}), { kind: 'tcp', host: '127.0.0.1', port: 9100 });
  t.same(read('http://localhost:81/'), { kind: 'tcp', host: 'localhost', port: 81 });
  t.same(read('http://host'), { kind: 'tcp', host: 'host', port: 80 });
  t.same(read('http://[::1]:9100'), { kind: 'tcp', host: '::1', port: 9100 });
  t.same(read('unix:/run/ballast.sock'), { kind: 'unix', path: '/run/ballast.sock' });
  t.same(read(`unix:/${'x'.repeat(106)}`), { kind: 'unix', path: `/${'x'.repeat(106)}` });
  const bad = [
    `unix:/${'x'.repeat(107)}`,
    '',
    '127.0.0.1:9100',
    'https://host',
    'http://host/path',
    'http://host?x=1',
  ];
  for (const value of [
    ...bad,
    'http://u:p@host',
    'unix:relative',
    'http://host:99999',
    'http://a:0',
  ]) {
    t.throws(
      () => read(value),
      { message: `BALLAST_ENDPOINT=${value} is not allowed`, exitCode: 2 },
      value,
    );
  }
});

t.test('BALLAST_LISTEN', async (t) => {
  const listen = (value: string) => listenEndpoint({ BALLAST_LISTEN: value });
  t.same(listenEndpoint({}), { kind: 'tcp', host: '127.0.0.1', port: 9100 });
  t.same(listen('[::1]:80'), { kind: 'tcp', host: '::1', port: 80 });
  t.same(listen('unix:/a/b'), { kind: 'unix', path: '/a/b' });
  t.equal(listen('9100'), null);
  t.equal(listen(`unix:/${'x'.repeat(107)}`), null);
  t.equal(listen('localhost:99999'), null);
});

t.test('an endpoint is printed as it is taken', async (t) => {
  for (const value of ['http://[::1]:9100', 'http://127.0.0.1:9100', 'unix:/a b']) {
    t.equal(formatEndpoint(readEndpoint({ BALLAST_ENDPOINT: value })), value);
  }
});

import t from 'tap';
import { openFullDomain } from '../support/fullDomain.js';

t.test('a title, a description and elements are set, read and removed', async (t) => {
  const { metadata } = (await openFullDomain(t)).domain;
  t.equal(await metadata.get('title'), null);
  await metadata.set('title', 'A title');
  await metadata.set('description', 'Lines\nof it');
  t.equal(await metadata.get('title'), 'A title');
  t.equal(await metadata.get('description'), 'Lines\nof it');
  const uri = 'urn:ballast:test';
  await metadata.set('element', '<owner>me</owner>', { key: 'b', uri });
  t.equal(await metadata.get('element', { uri }), '<owner>me</owner>');
  await metadata.set('element', null, { uri });
  t.equal(await metadata.get('element', { uri }), null);
  await t.rejects(metadata.get('colour' as never), {
    name: 'RangeError',
    message: /kind must be one of description, title, element, not colour/,
  });
});

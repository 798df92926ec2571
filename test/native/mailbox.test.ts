import t from 'tap';
import { connect } from '../../lib/index.js';
import { eachTurn } from '../support/eachTurn.js';
import { testUri } from '../support/testDriver.js';

const users = 100;
const callsEach = 200;

t.test('results that are answered with calls leave the event loop its turns', async (t) => {
  await using connection = await connect(testUri);
  let sinceTurn = 0;
  let mostInTurn = 0;
  const stop = eachTurn(() => {
    mostInTurn = Math.max(mostInTurn, sinceTurn);
    sinceTurn = 0;
  });
  const use = async (): Promise<void> => {
    for (let call = 0; call < callsEach; call += 1) {
      await connection.hostname();
      sinceTurn += 1;
    }
  };
  await Promise.all(Array.from({ length: users }, use));
  stop();
  t.ok(mostInTurn <= users, `at most ${mostInTurn} results in a turn, of ${users} callers`);
});

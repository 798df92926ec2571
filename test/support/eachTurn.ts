/** Runs something in every turn of the event loop, until what it gives is called. */
export function eachTurn(run: () => void): () => void {
  const turn = (): void => {
    run();
    immediate = setImmediate(turn);
  };
  let immediate = setImmediate(turn);
  return () => clearImmediate(immediate);
}

import { Fault, fault } from '#contract/errors.ts';

/** Names of lines, as far as one sentence may go. */
const NAMED = 3;
/** Without the values: the line may be of a dwelling. */
const nameOf = (line: string): string => line.slice(0, line.indexOf(' ')).slice(0, 100);

/**
 * A 400 names one line, may have kept others, and says nothing of the rest: halves are written again, down to single
 * lines, so that all that can be kept is. Then rejects with `STORE_REFUSED` naming those that were not, or with the
 * outage met on the way.
 */
export const writeEachLine = async (
  lines: readonly string[],
  refusal: unknown,
  write: (part: readonly string[]) => Promise<void>,
): Promise<void> => {
  if (!(refusal instanceof Fault && refusal.code === 'STORE_REFUSED')) throw refusal;
  const refused: { readonly line: string; readonly fault: Fault }[] = [];
  const isolate = async (part: readonly string[], known: Fault): Promise<void> => {
    const [line] = part;
    if (line === undefined) return;
    if (part.length === 1) {
      refused.push({ line, fault: known });
      return;
    }
    const middle = Math.ceil(part.length / 2);
    for (const half of [part.slice(0, middle), part.slice(middle)]) {
      try {
        await write(half);
      } catch (thrown) {
        if (!(thrown instanceof Fault && thrown.code === 'STORE_REFUSED')) throw thrown;
        await isolate(half, thrown);
      }
    }
  };
  await isolate(lines, refusal);
  const [first] = refused;
  if (first === undefined) return;
  const names = refused.slice(0, NAMED).map(({ line }) => nameOf(line));
  const what = `${refused.length} of ${lines.length} lines (${names.join(', ')}${refused.length > NAMED ? ', …' : ''})`;
  throw fault('STORE_REFUSED', { what, reason: String(first.fault.fields['reason']) }, first.fault);
};

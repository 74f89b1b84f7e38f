import { type ParseArgsConfig, parseArgs } from 'node:util';
import { fault, reasonOf } from '#contract/errors.ts';

export const invalidOption = (option: string, problem: string, expected: string, cause?: unknown) =>
  fault('OPTION_INVALID', { option, problem, expected }, cause);

/** What was written after a command. Throws OPTION_INVALID, naming the option; `help`: where its options are said. */
export const readOptions = <const T extends ParseArgsConfig>(argv: readonly string[], config: T, help: string) => {
  try {
    return parseArgs({ ...config, args: [...argv] });
  } catch (thrown) {
    const option = argv.find((each) => each.startsWith('--')) ?? argv.join(' ');
    throw invalidOption(option, reasonOf(thrown), `See ${help}`, thrown);
  }
};

import type { Clock } from '#contract/ports/clock.ts';
import { type DiscoveryStep, discover, type FoundUnit } from '#gateway/discovery/discover.ts';
import { connectModbus } from '#gateway/modbus/connect-modbus.ts';
import { loadProfiles } from '#gateway/profiles/load-profiles.ts';
import type { ScanOptions } from './scan-options.ts';
import { durationWords, lineWords, scanReport, type UnclearUnit, unclearWords } from './scan-report.ts';

/** Where a scan says how far it is. */
export interface ScanScreen {
  /** Whether a line may be written over. */
  readonly isTerminal: boolean;
  progress(text: string): void;
  say(text: string): void;
}

export interface ScanDependencies {
  readonly clock: Clock;
  readonly screen: ScanScreen;
  readonly signal: AbortSignal;
}

const CLEAR_LINE = '\r\u001b[K';
/** Unit numbers between two lines of progress, where lines cannot be written over. */
const UNITS_PER_LINE = 25;

const foundWords = ({ unitId, proposals }: FoundUnit): string =>
  `unit ${unitId}: ${proposals === null ? 'aborted before it was read' : (proposals[0]?.profile.profile ?? 'no page fits')}`;

const showStep = (step: DiscoveryStep, found: number, { isTerminal, progress }: ScanScreen): void => {
  const line = (text: string): void => progress(`${isTerminal ? CLEAR_LINE : ''}${text}\n`);
  switch (step.kind) {
    case 'line-opened': {
      const { unitIds, budgetMs } = step;
      const each = unitIds.length === 0 ? 0 : Math.round(budgetMs / unitIds.length);
      const budget = `${unitIds.length} unit numbers, ${each} ms for each that is silent: ${durationWords(budgetMs)} at most`;
      return line(`${lineWords(step.line)}: ${budget}, and the reading of what is found.`);
    }
    case 'unit-called': {
      const { unitId, asked, total, answer } = step;
      if (answer.kind === 'unclear') line(unclearWords({ unitId, ...answer }));
      const text = `${asked} of ${total} called, ${found} found`;
      if (isTerminal) return progress(`${CLEAR_LINE}${text}`);
      return asked % UNITS_PER_LINE === 0 || asked === total ? line(text) : undefined;
    }
    case 'unit-found':
      return line(foundWords(step.unit));
  }
};

/**
 * Scans, and says what was found, also when aborted or when the line is lost on the way. Rejects with `BUS_DISCONNECTED`,
 * `PROFILE_INVALID`, or what reading the pages throws.
 */
export const runScanCommand = async (options: ScanOptions, { clock, screen, signal }: ScanDependencies): Promise<void> => {
  const { lines, unitIds, timeoutMs } = options;
  const profiles = [...(await loadProfiles(options.profiles)).values()];
  const found: FoundUnit[] = [];
  const unclear: UnclearUnit[] = [];
  let hasBegun = false;
  try {
    for await (const step of discover({ lines, unitIds, timeoutMs, profiles, clock, connect: connectModbus, signal })) {
      hasBegun ||= step.kind === 'unit-called';
      if (step.kind === 'unit-found') found.push(step.unit);
      if (step.kind === 'unit-called' && step.answer.kind === 'unclear') unclear.push({ unitId: step.unitId, ...step.answer });
      showStep(step, found.length, screen);
    }
  } finally {
    if (screen.isTerminal) screen.progress(CLEAR_LINE);
    if (signal.aborted) screen.say('Aborted. Found until then:\n');
    if (hasBegun || signal.aborted) screen.say(`${scanReport(found, unclear)}\n`);
  }
};

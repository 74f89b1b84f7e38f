import { fault } from '#contract/errors.ts';
import { type FaultInjection, parseFaultToClear, parseFieldFault } from './field-fault.ts';

export const COMMAND_HELP = `fault KIND TARGET [FIGURE]   makes a fault
clear KIND TARGET            ends it
help                         this text

kind              target                         figure
lamp-failure      luminaire-01 to luminaire-24
day-burner        luminaire-01 to luminaire-24
dimming-failure   luminaire-01 to luminaire-24
door-open         controller-republique
breaker-tripped   segment-1 to segment-4
silent-unit       any device of the table
late-replies      any device of the table        milliseconds, 1500 when absent
exception         any device of the table        Modbus exception code, 4 when absent`;

/**
 * Obeys one line such as `fault lamp-failure luminaire-05` and gives the words to answer; null for an empty line. Throws
 * COMMAND_UNKNOWN, FIELD_FAULT_UNKNOWN or OPTION_INVALID.
 */
export const obeyFieldCommand = (field: FaultInjection, line: string): string | null => {
  const [command = '', ...words] = line.trim().split(/\s+/);
  switch (command) {
    case '':
      return null;
    case 'fault':
      field.inject(parseFieldFault(words));
      return `made: ${words.join(' ')}`;
    case 'clear':
      field.clear(parseFaultToClear(words[0] ?? '', words[1] ?? ''));
      return `ended: ${words.join(' ')}`;
    case 'help':
      return COMMAND_HELP;
    default:
      throw fault('COMMAND_UNKNOWN', { command, known: 'fault, clear, help' });
  }
};

import { fault } from '#contract/errors.ts';

/** What can befall the devices themselves; their physics and their registers then show it. */
export const DEVICE_FAULTS = ['lamp-failure', 'day-burner', 'dimming-failure', 'door-open', 'breaker-tripped'] as const;
export type DeviceFaultKind = (typeof DEVICE_FAULTS)[number];

/** What can befall the talk with a unit of a bus. */
export const LINE_FAULTS = ['silent-unit', 'late-replies', 'exception'] as const;
export type LineFaultKind = (typeof LINE_FAULTS)[number];

export type FieldFaultKind = DeviceFaultKind | LineFaultKind;

export type FieldFault =
  | { readonly kind: DeviceFaultKind | 'silent-unit'; readonly target: string }
  /** Elapsed milliseconds by which each answer is late. */
  | { readonly kind: 'late-replies'; readonly target: string; readonly delayMs: number }
  /** Each request is refused with this Modbus exception, 1 to 255. */
  | { readonly kind: 'exception'; readonly target: string; readonly exception: number };

/** A fault to end: its kind and where it was. */
export interface FaultToClear {
  readonly kind: FieldFaultKind;
  readonly target: string;
}

/** Where faults are made and ended; a kind or target that does not exist throws FIELD_FAULT_UNKNOWN. */
export interface FaultInjection {
  inject(fault: FieldFault): void;
  clear(fault: FaultToClear): void;
}

/** Which targets can suffer a device fault, and the switch that makes or ends it. */
export interface DeviceFaultSwitch {
  readonly kind: DeviceFaultKind;
  readonly targets: readonly string[];
  set(target: string, present: boolean): void;
}

export const isLineFault = (kind: FieldFaultKind): kind is LineFaultKind => LINE_FAULTS.some((known) => known === kind);

const isKind = (word: string): word is FieldFaultKind => [...DEVICE_FAULTS, ...LINE_FAULTS].some((known) => known === word);

const DEFAULT_DELAY_MS = 1500;
const SERVER_DEVICE_FAILURE = 4;

/** The kind and target of `lamp-failure luminaire-05`. */
export const parseFaultToClear = (kind: string, target: string): FaultToClear => {
  if (!isKind(kind) || target === '')
    throw fault('FIELD_FAULT_UNKNOWN', {
      fault: kind,
      target: target === '' ? 'nothing named' : target,
      known: `Faults: ${[...DEVICE_FAULTS, ...LINE_FAULTS].join(', ')}; each needs a target`,
    });
  return { kind, target };
};

const parseFigure = (text: string | undefined, otherwise: number, least: number, most: number, named: string): number => {
  const figure = text === undefined ? otherwise : Number(text);
  if (Number.isInteger(figure) && figure >= least && figure <= most) return figure;
  throw fault('OPTION_INVALID', {
    option: named,
    problem: `"${text ?? ''}" is not a whole number`,
    expected: `Give a whole number from ${least} to ${most}`,
  });
};

/** A fault of its words: kind, target and, for late replies (milliseconds) and exceptions (code), a figure. */
export const parseFieldFault = ([kind = '', target = '', figure]: readonly string[]): FieldFault => {
  const known = parseFaultToClear(kind, target);
  switch (known.kind) {
    case 'late-replies':
      return { kind: known.kind, target, delayMs: parseFigure(figure, DEFAULT_DELAY_MS, 1, 600_000, 'late-replies') };
    case 'exception':
      return { kind: known.kind, target, exception: parseFigure(figure, SERVER_DEVICE_FAILURE, 1, 255, 'exception') };
    default:
      return { kind: known.kind, target };
  }
};

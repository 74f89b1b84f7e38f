/**
 * The catalogue of what a reading may carry. Names follow TALQ 2.7.1 where it has one, with our unit suffix; a delivery
 * point's registers are `energyImportedWh` and `energyExportedWh` (consumption positive, seen from the delivery point).
 */
export type QuantityKind =
  /** A value at an instant. */
  | 'measure'
  /** A register that only grows, except at a reset, a rollover or a replacement. */
  | 'counter'
  /** 0 or 1. */
  | 'state';

export interface QuantityDefinition {
  readonly unit: 'W' | 'Wh' | 'V' | 'A' | 'Hz' | 'var' | 'VA' | 'h' | '°C' | 'lx' | '%' | '1' | 'mA' | 'm³';
  readonly kind: QuantityKind;
  readonly meaning: string;
  /** Values outside are refused as impossible. */
  readonly min: number;
  readonly max: number;
}

const measure = (unit: QuantityDefinition['unit'], min: number, max: number, meaning: string) =>
  ({ unit, kind: 'measure', min, max, meaning }) as const;
const counter = (unit: QuantityDefinition['unit'], meaning: string) =>
  ({ unit, kind: 'counter', min: 0, max: Number.MAX_SAFE_INTEGER, meaning }) as const;
const state = (meaning: string) => ({ unit: '1', kind: 'state', min: 0, max: 1, meaning }) as const;

export const QUANTITIES = {
  activePowerW: measure('W', -1e9, 1e9, 'Active power, consumption positive'),
  activePowerL1W: measure('W', -1e9, 1e9, 'Active power of phase 1'),
  activePowerL2W: measure('W', -1e9, 1e9, 'Active power of phase 2'),
  activePowerL3W: measure('W', -1e9, 1e9, 'Active power of phase 3'),
  reactivePowerVar: measure('var', -1e9, 1e9, 'Reactive power'),
  apparentPowerVA: measure('VA', 0, 1e9, 'Apparent power'),
  powerFactor: measure('1', -1, 1, 'Power factor'),
  voltageV: measure('V', 0, 1e6, 'Voltage'),
  voltageL1V: measure('V', 0, 1e6, 'Voltage of phase 1'),
  voltageL2V: measure('V', 0, 1e6, 'Voltage of phase 2'),
  voltageL3V: measure('V', 0, 1e6, 'Voltage of phase 3'),
  currentA: measure('A', -1e6, 1e6, 'Current'),
  currentL1A: measure('A', -1e6, 1e6, 'Current of phase 1'),
  currentL2A: measure('A', -1e6, 1e6, 'Current of phase 2'),
  currentL3A: measure('A', -1e6, 1e6, 'Current of phase 3'),
  frequencyHz: measure('Hz', 0, 1000, 'Frequency'),
  energyImportedWh: counter('Wh', 'Cumulative energy taken from the grid at a delivery point or meter'),
  energyExportedWh: counter('Wh', 'Cumulative energy given to the grid at a delivery point or meter'),
  heatEnergyWh: counter('Wh', 'Cumulative heat delivered, at a heat meter'),
  waterVolumeM3: counter('m³', 'Cumulative volume of water, at a water meter'),
  supplyTemperatureC: measure('°C', -60, 250, 'Temperature of the heating water that arrives (EN 1434 inlet, T1)'),
  returnTemperatureC: measure('°C', -60, 250, 'Temperature of the heating water that goes back (EN 1434 outlet, T2)'),
  activeEnergyWh: counter('Wh', 'Cumulative energy of a luminaire (TALQ activeEnergy, DALI part 252)'),
  operatingHoursH: counter('h', 'Hours the light source was lit (TALQ operatingHours)'),
  switchOnCount: counter('1', 'Times the light source was switched on (TALQ switchOnCounter)'),
  gearTemperatureC: measure('°C', -60, 200, 'Temperature of the control gear (DALI part 253)'),
  commandedLevelPercent: measure('%', 0, 100, 'Light level last asked (TALQ targetLightCommand), % of full light'),
  effectiveLevelPercent: measure(
    '%',
    0,
    100,
    'Light level the control gear says it applies (TALQ feedbackLightCommand), % of full light',
  ),
  lampFailure: state('The control gear reports a failed lamp'),
  controlGearFailure: state('The control gear reports its own failure'),
  lampOn: state('The control gear reports power at the lamp'),
  contactorClosed: state('Contactor of a circuit or relay closed'),
  breakerTripped: state('Circuit breaker tripped'),
  doorOpen: state('Cabinet door open'),
  localOverride: state('Local manual switch in action'),
  supplyPresent: state('Mains present at the cabinet'),
  leakageCurrentMA: measure('mA', 0, 1e5, 'Earth leakage current'),
  illuminanceLx: measure('lx', 0, 2e5, 'Outdoor illuminance'),
  airTemperatureC: measure('°C', -60, 80, 'Air temperature'),
  presence: state('Somebody is there'),
  passages: counter('1', 'Cumulative passages seen'),
} as const satisfies Record<string, QuantityDefinition>;

export type QuantityName = keyof typeof QUANTITIES;
export const isQuantity = (name: string): name is QuantityName => Object.hasOwn(QUANTITIES, name);
export const QUANTITY_NAMES = Object.keys(QUANTITIES) as [QuantityName, ...QuantityName[]];

/** The only quantities that may be kept of a dwelling: its registers, at the consented grain. */
export const DWELLING_QUANTITIES: readonly QuantityName[] = ['energyImportedWh', 'energyExportedWh'];

/** What a value is worth. A missing value is null with the quality `missing`, never 0. */
export const QUALITIES = ['measured', 'estimated', 'doubtful', 'missing'] as const;
export type Quality = (typeof QUALITIES)[number];

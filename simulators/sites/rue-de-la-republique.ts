import { z } from 'zod';
import { type Instant, instant, parseInstant, timeZone } from '#domain/civil-time.ts';
import { type CabinetController, cabinetState, createCabinetController, newCabinetState } from '../devices/cabinet-controller.ts';
import { type ControlGear, createDaliGateway } from '../devices/dali-gateway.ts';
import { createLightSensor } from '../devices/light-sensor.ts';
import {
  advanceLuminaire,
  agedLuminaire,
  type LuminaireIllness,
  type LuminaireModel,
  type LuminaireState,
  luminaireState,
  settledPower,
  supplyLuminaire,
} from '../devices/luminaire.ts';
import { createPassages, createPresenceSensor, presenceState } from '../devices/presence-sensor.ts';
import { createRandom, seedOf, wander } from '../devices/seeded-random.ts';
import { createSky, type Place, type Sky, sunElevation } from '../devices/sky.ts';
import { createStreetMeter, PHASES, type Phase } from '../devices/street-meter.ts';
import { createSupply } from '../devices/supply.ts';
import { createWallClock } from '../devices/wall-clock.ts';
import type { DeviceFaultSwitch } from '../scenarios/field-fault.ts';
import type { FieldSite, FieldSiteOptions, FieldUnit } from './field-site.ts';
import { createIntegration } from './integration.ts';
import { createStreetExtension, extensionState } from './street-extension.ts';

const LAON: Place = { latitude: 49.564, longitude: 3.62 };
const ZONE = timeZone('Europe/Paris');
/** When the street was fitted: its counters have run since. */
const FITTED_AT = parseInstant('2023-06-01T00:00:00Z');
const LUMINAIRES = 24;
const LUMINAIRES_PER_SEGMENT = 6;
const NORTH = 12;
/** Gateway on phase 1, controller on phase 2, sensors on phase 3. */
const CABINET_W = [11, 5, 3] as const;
const PASSAGES_BEFORE = 48_213;
/** Below this height of the sun a street is lit. */
const LIT_BELOW_DEGREES = -4;

const streetState = z.object({
  livedUntil: z.int(),
  luminaires: z.array(luminaireState).length(LUMINAIRES),
  cabinet: cabinetState,
  presence: presenceState,
  /** Cumulative energy of each phase of the cabinet's meter, in Wh. */
  phasesWh: z.array(z.number()).length(PHASES.length),
  /** Absent in what was kept before the street was extended. */
  extension: extensionState.optional(),
});
type StreetState = z.infer<typeof streetState>;

/** A luminaire of the street: its place on the line, on the circuits and on the phases. */
interface StreetLuminaire extends ControlGear {
  readonly device: string;
  readonly model: LuminaireModel;
  readonly phase: Phase;
  /** From 0. */
  readonly segment: number;
  fallIll(illness: LuminaireIllness): void;
}

const ratedPower = (number: number): number => (number <= 8 ? 28 : number <= 18 ? 40 : 62);

const modelOf = (seed: number, place: number): LuminaireModel => ({
  ratedW: ratedPower(place + 1),
  tolerance: 0.03 * (createRandom(seedOf(seed, 'luminaire', place))() - 0.5),
});

const phaseOf = (place: number): Phase => PHASES[place % PHASES.length] ?? 0;

const newStreetState = (at: Instant, seed: number): StreetState => {
  const days = Math.max(0, (at - FITTED_AT) / 86_400_000);
  const levelPercent = sunElevation(at, LAON) < LIT_BELOW_DEGREES ? 100 : 0;
  const luminaires = Array.from({ length: LUMINAIRES }, (_, place) => agedLuminaire(modelOf(seed, place), days, levelPercent));
  const phasesWh = PHASES.map((phase) =>
    luminaires.reduce(
      (sum, { energyWh }, place) => (phaseOf(place) === phase ? sum + energyWh : sum),
      CABINET_W[phase] * 24 * days,
    ),
  );
  return { livedUntil: at, luminaires, cabinet: newCabinetState(), presence: { holdSeconds: 30 }, phasesWh };
};

const fitLuminaire = (seed: number, place: number, state: LuminaireState): StreetLuminaire => {
  let illness: LuminaireIllness = 'none';
  return {
    device: `luminaire-${String(place + 1).padStart(2, '0')}`,
    shortAddress: place,
    groups: [place < NORTH ? 0 : 1],
    segment: Math.floor(place / LUMINAIRES_PER_SEGMENT),
    phase: phaseOf(place),
    model: modelOf(seed, place),
    state,
    illness: () => illness,
    fallIll: (next) => {
      illness = next;
    },
  };
};

const illnessSwitch = (kind: Exclude<LuminaireIllness, 'none'>, luminaires: readonly StreetLuminaire[]): DeviceFaultSwitch => ({
  kind,
  targets: luminaires.map(({ device }) => device),
  set: (target, present) => {
    const luminaire = luminaires.find(({ device }) => device === target);
    if (present) luminaire?.fallIll(kind);
    else if (luminaire?.illness() === kind) luminaire.fallIll('none');
  },
});

const cabinetSwitches = ({ incidents }: CabinetController): DeviceFaultSwitch[] => [
  {
    kind: 'door-open',
    targets: ['controller-republique'],
    set: (_target, present) => {
      incidents.doorOpen = present;
    },
  },
  {
    kind: 'breaker-tripped',
    targets: incidents.breakersTripped.map((_, segment) => `segment-${segment + 1}`),
    set: (target, present) => {
      incidents.breakersTripped[Number(target.slice('segment-'.length)) - 1] = present;
    },
  },
];

interface StreetPower {
  powerW(phase: Phase): number;
  fullPowerW(phase: Phase): number;
  /** Moves the luminaires through a step; adds what each phase drew to its register. */
  advance(from: Instant, to: Instant): void;
}

const wireStreet = (
  state: StreetState,
  luminaires: readonly StreetLuminaire[],
  cabinet: CabinetController,
  sky: Sky,
): StreetPower => {
  const onPhase = PHASES.map((phase) => luminaires.filter((luminaire) => luminaire.phase === phase));
  const sumOf = (phase: Phase, value: (luminaire: StreetLuminaire) => number): number =>
    (onPhase[phase] ?? []).reduce<number>((sum, luminaire) => sum + value(luminaire), CABINET_W[phase]);
  const full = PHASES.map((phase) => sumOf(phase, ({ model }) => settledPower(model, 100)));
  return {
    powerW: (phase) => sumOf(phase, (luminaire) => luminaire.state.powerW),
    fullPowerW: (phase) => full[phase] ?? 0,
    advance: (from, to) => {
      const seconds = (to - from) / 1000;
      const ambientC = sky.temperatureC(instant(Math.round((from + to) / 2)));
      for (const luminaire of luminaires) {
        supplyLuminaire(luminaire.state, cabinet.isSegmentLive(luminaire.segment), luminaire.state.powerOnPercent);
        const drawnWh = advanceLuminaire(luminaire.state, luminaire.model, { seconds, ambientC, illness: luminaire.illness() });
        state.phasesWh[luminaire.phase] = (state.phasesWh[luminaire.phase] ?? 0) + drawnWh;
      }
      for (const phase of PHASES) state.phasesWh[phase] = (state.phasesWh[phase] ?? 0) + (CABINET_W[phase] * seconds) / 3600;
    },
  };
};

/**
 * Rue de la République, Laon: one cabinet, 24 luminaires behind a DALI gateway, a light sensor and a presence sensor; and its
 * extension, which nobody has commissioned yet.
 */
export const createRueDeLaRepublique = (options: FieldSiteOptions): FieldSite => {
  const { facts, onChange } = options;
  const seed = seedOf(options.seed, 'republique');
  const state = options.past === null ? newStreetState(options.startsAt, seed) : streetState.parse(options.past);
  const sky = createSky(LAON, seed);
  const leakage = seedOf(seed, 'leakage');
  const luminaires = state.luminaires.map((luminaire, place) => fitLuminaire(seed, place, luminaire));
  const cabinet = createCabinetController({
    facts,
    state: state.cabinet,
    monotonicNow: options.monotonicNow,
    leakageMa: () => 1.6 + 0.7 * wander(leakage, integration.now() / 3_600_000),
    onChange,
  });
  const power = wireStreet(state, luminaires, cabinet, sky);
  const integration = createIntegration(instant(state.livedUntil), (from, to) => {
    power.advance(from, to);
    extension.advance(from, to);
  });
  const { now } = integration;
  const supply = createSupply(seed);
  const extension = createStreetExtension({ facts, past: state.extension ?? null, place: LAON, sky, supply, now, onChange });

  const meter = createStreetMeter({
    facts,
    supply,
    now,
    powerW: power.powerW,
    fullPowerW: power.fullPowerW,
    energyWh: (phase) => state.phasesWh[phase] ?? 0,
  });
  const presence = createPresenceSensor({
    facts,
    state: state.presence,
    passages: createPassages(seed, createWallClock(ZONE, FITTED_AT), FITTED_AT),
    alreadyCounted: PASSAGES_BEFORE,
    now,
    onChange,
  });
  const unit = (unitId: number, device: string, profile: string, modbus: FieldUnit['modbus']): FieldUnit => ({
    unitId,
    device,
    profile,
    fictitious: profile.split('+').some((name) => facts(name).fictitious),
    modbus,
  });

  return {
    site: 'site-republique',
    units: [
      unit(1, 'meter-republique', 'carlo-gavazzi-em24-rs485', meter),
      unit(2, 'controller-republique', 'axone-demo-cabinet', cabinet.unit),
      unit(3, 'dali-republique', 'intesis-dali-64+intesis-in703-d4i', createDaliGateway({ facts, gears: luminaires, onChange })),
      unit(4, 'sensor-light', 'axone-demo-light-sensor', createLightSensor(facts, sky, now)),
      unit(5, 'sensor-presence', 'axone-demo-presence', presence),
      ...extension.units,
    ],
    deviceFaults: [
      illnessSwitch('lamp-failure', luminaires),
      illnessSwitch('day-burner', luminaires),
      illnessSwitch('dimming-failure', luminaires),
      ...cabinetSwitches(cabinet),
    ],
    settleAt: (at) => {
      cabinet.watchSilence(options.monotonicNow());
      return integration.advanceTo(at);
    },
    livedUntil: now,
    snapshot: () => ({ ...state, livedUntil: now(), extension: extension.state }),
  };
};

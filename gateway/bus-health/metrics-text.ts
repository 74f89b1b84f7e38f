import type { Durations, GatewayOverview } from '#contract/routes/gateway.ts';

type Labels = Readonly<Record<string, string | number>>;
type Sample = readonly [labels: Labels, value: number, suffix?: string];
type Family = readonly [name: string, type: 'gauge' | 'counter' | 'histogram', help: string, samples: readonly Sample[]];

const MS_PER_SECOND = 1000;

const escaped = (value: string | number): string =>
  String(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

const lineOf = (name: string, [labels, value, suffix = '']: Sample): string => {
  const pairs = Object.entries(labels).map(([label, each]) => `${label}="${escaped(each)}"`);
  return `${name}${suffix}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
};

const textOf = ([name, type, help, samples]: Family): string =>
  samples.length === 0
    ? ''
    : `${[`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples.map((sample) => lineOf(name, sample))].join('\n')}\n`;

const histogramSamples = (labels: Labels, { buckets, sumMs, count }: Durations): readonly Sample[] => [
  ...buckets.map(
    ({ upToMs, count: within }): Sample => [
      { ...labels, le: upToMs === null ? '+Inf' : upToMs / MS_PER_SECOND },
      within,
      '_bucket',
    ],
  ),
  [labels, sumMs / MS_PER_SECOND, '_sum'],
  [labels, count, '_count'],
];

/** A score that is not known yet has no sample. */
const scoreSamples = (labels: Labels, score: number | null): readonly Sample[] => (score === null ? [] : [[labels, score / 100]]);

const FAIL_SAFE_STATES = ['verified', 'differs', 'refused'] as const;

const failSafeSamples = ({ gateway, buses }: GatewayOverview): readonly Sample[] => {
  const found = buses.flatMap(({ devices }) => devices.flatMap(({ failSafe }) => failSafe?.state ?? []));
  return FAIL_SAFE_STATES.map((state): Sample => [{ gateway, state }, found.filter((each) => each === state).length]);
};

const gatewayFamilies = (overview: GatewayOverview): readonly Family[] => {
  const { gateway, version, state, readOnly, broker, outboxDepth, devices, devicesOffline } = overview;
  const one = (value: number): readonly Sample[] => [[{ gateway }, value]];
  return [
    ['axone_gateway_info', 'gauge', 'Always 1; its labels name the gateway.', [[{ gateway, version }, 1]]],
    ['axone_gateway_ready', 'gauge', '1 when nothing is amiss.', one(Number(state === 'ready'))],
    ['axone_gateway_read_only', 'gauge', '1 when nothing is ever written to a bus.', one(Number(readOnly))],
    ['axone_gateway_broker_connected', 'gauge', '1 while the broker is reached.', one(Number(broker === 'connected'))],
    ['axone_gateway_outbox_batches', 'gauge', 'Batches that wait for their acknowledgement.', one(outboxDepth)],
    ['axone_gateway_devices', 'gauge', 'Devices configured.', one(devices)],
    ['axone_gateway_devices_offline', 'gauge', 'Devices that do not answer.', one(devicesOffline)],
    [
      'axone_gateway_fail_safe_devices',
      'gauge',
      'Devices by what they would do on their own: as wanted, otherwise, or they refused the registers.',
      failSafeSamples(overview),
    ],
  ];
};

const busFamilies = ({ gateway, buses }: GatewayOverview): readonly Family[] => {
  const each = (samples: (bus: GatewayOverview['buses'][number], labels: Labels) => readonly Sample[]): readonly Sample[] =>
    buses.flatMap((bus) => samples(bus, { gateway, bus: bus.bus }));
  return [
    ['axone_bus_connected', 'gauge', '1 while the line is open.', each((bus, labels) => [[labels, Number(bus.isConnected)]])],
    [
      'axone_bus_connect_failures_total',
      'counter',
      'Connections that failed.',
      each((bus, labels) => [[labels, bus.connectFailures]]),
    ],
    [
      'axone_bus_utilisation_ratio',
      'gauge',
      'Share of elapsed time during which a request was in flight.',
      each(({ utilisation }, labels) => [
        [{ ...labels, window: '1m' }, utilisation.lastMinute],
        [{ ...labels, window: '5m' }, utilisation.lastFiveMinutes],
      ]),
    ],
    [
      'axone_bus_queue_requests',
      'gauge',
      'Requests that wait for the line.',
      each(({ queue }, labels) => [
        [{ ...labels, priority: 'order' }, queue.orders],
        [{ ...labels, priority: 'polling' }, queue.polling],
      ]),
    ],
    [
      'axone_bus_queue_wait_seconds',
      'histogram',
      'How long requests waited for the line.',
      each(({ queue }, labels) => [
        ...histogramSamples({ ...labels, priority: 'order' }, queue.ordersWait),
        ...histogramSamples({ ...labels, priority: 'polling' }, queue.pollingWait),
      ]),
    ],
    ['axone_bus_score_ratio', 'gauge', 'Mean of the units’ scores.', each((bus, labels) => scoreSamples(labels, bus.score))],
  ];
};

const UNIT_COUNTERS = [
  ['requests', 'requests', 'Requests sent.'],
  ['retries', 'retries', 'Requests sent after one that had no right answer.'],
  ['answers', 'answers', 'Right answers.'],
  ['timeouts', 'timeouts', 'Requests without any answer in time.'],
  ['crc_errors', 'crcErrors', 'Answers whose CRC was wrong.'],
  ['invalid_answers', 'invalidAnswers', 'Frames that could not be the answer.'],
  ['link_losses', 'linkLosses', 'Requests during which the link was lost.'],
  ['not_asked', 'notAsked', 'Requests not sent because the unit was left alone.'],
] as const;

const unitFamilies = ({ gateway, buses }: GatewayOverview): readonly Family[] => {
  type Unit = GatewayOverview['buses'][number]['units'][number];
  const each = (samples: (unit: Unit, labels: Labels) => readonly Sample[]): readonly Sample[] =>
    buses.flatMap(({ bus, units }) => units.flatMap((unit) => samples(unit, { gateway, bus, unit: unit.unitId })));
  return [
    ...UNIT_COUNTERS.map(
      ([name, field, help]): Family => [
        `axone_unit_${name}_total`,
        'counter',
        help,
        each((unit, labels) => [[labels, unit[field]]]),
      ],
    ),
    [
      'axone_unit_exceptions_total',
      'counter',
      'Refusals by Modbus exception code.',
      each((unit, labels) => unit.exceptions.map(({ code, count }): Sample => [{ ...labels, code }, count])),
    ],
    [
      'axone_unit_response_seconds',
      'histogram',
      'How long the unit took to answer, without the time of the bytes on a serial line.',
      each((unit, labels) => histogramSamples(labels, unit.latency)),
    ],
    [
      'axone_unit_score_ratio',
      'gauge',
      'Share of the last 50 requests that were answered; 0 while the unit is left alone.',
      each((unit, labels) => scoreSamples(labels, unit.score)),
    ],
    [
      'axone_unit_left_alone_seconds',
      'gauge',
      'Until the unit is tried again; 0 when it is not left alone.',
      each((unit, labels) => [[labels, unit.leftAloneForMs / MS_PER_SECOND]]),
    ],
  ];
};

/** Prometheus text exposition format 0.0.4. */
export const metricsText = (overview: GatewayOverview): string =>
  [...gatewayFamilies(overview), ...busFamilies(overview), ...unitFamilies(overview)].map(textOf).join('');

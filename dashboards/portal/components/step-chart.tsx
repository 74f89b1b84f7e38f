export interface ChartStep {
  readonly startsAt: number;
  /** Null where nothing was measured: a gap, never 0. */
  readonly value: number | null;
}

interface StepChartProps {
  readonly steps: readonly ChartStep[];
  readonly stepMs: number;
  readonly from: number;
  readonly to: number;
  /** The conclusion, in one sentence. */
  readonly name: string;
  readonly topLabel: string;
  readonly hours: readonly { readonly at: number; readonly text: string }[];
}

const VIEW = { width: 480, height: 180, left: 8, right: 8, top: 22, bottom: 24 } as const;
const PLOT_WIDTH = VIEW.width - VIEW.left - VIEW.right;
const PLOT_HEIGHT = VIEW.height - VIEW.top - VIEW.bottom;
const BASE = VIEW.top + PLOT_HEIGHT;

/** The smallest round number that is not below the highest value: the chart's top. */
const ROUND_TOPS = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

export const roundedTop = (peak: number): number => {
  if (peak <= 0) return 1;
  const magnitude = 10 ** Math.floor(Math.log10(peak));
  return (ROUND_TOPS.find((factor) => factor * magnitude >= peak) ?? 10) * magnitude;
};

const runsOf = (steps: readonly ChartStep[]): ChartStep[][] => {
  const runs: ChartStep[][] = [];
  let open: ChartStep[] | null = null;
  for (const step of steps) {
    if (step.value === null) open = null;
    else if (open === null) runs.push((open = [step]));
    else open.push(step);
  }
  return runs;
};

/** Steps held to the right over an axis that begins at 0; what was not measured is hatched. */
export const StepChart = ({ steps, stepMs, from, to, name, topLabel, hours }: StepChartProps) => {
  const top = roundedTop(Math.max(0, ...steps.flatMap(({ value }) => (value === null ? [] : [value]))));
  const x = (at: number): number => VIEW.left + (PLOT_WIDTH * (Math.min(at, to) - from)) / (to - from);
  const y = (value: number): number => BASE - (PLOT_HEIGHT * Math.max(0, value)) / top;
  const outline = (run: readonly ChartStep[]): string =>
    run.map(({ startsAt, value }) => `${x(startsAt)} ${y(value ?? 0)} H ${x(startsAt + stepMs)}`).join(' L ');
  const ends = (run: readonly ChartStep[]) => ({
    first: x(run[0]?.startsAt ?? from),
    last: x((run.at(-1)?.startsAt ?? from) + stepMs),
  });
  return (
    <svg class="chart" viewBox={`0 0 ${VIEW.width} ${VIEW.height}`} role="img" aria-label={name}>
      <defs>
        <pattern id="gap" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <path d="M 0 0 V 6" class="chart-hatch" />
        </pattern>
      </defs>
      {steps.map(({ startsAt, value }) =>
        value === null ? (
          <rect
            key={startsAt}
            x={x(startsAt)}
            y={VIEW.top}
            width={Math.max(0, x(startsAt + stepMs) - x(startsAt))}
            height={PLOT_HEIGHT}
            fill="url(#gap)"
          />
        ) : null,
      )}
      {runsOf(steps).map((run) => {
        const { first, last } = ends(run);
        return (
          <g key={first}>
            <path d={`M ${first} ${BASE} L ${outline(run)} L ${last} ${BASE} Z`} class="chart-area" />
            <path d={`M ${outline(run)}`} class="chart-line" />
          </g>
        );
      })}
      <path d={`M ${VIEW.left} ${VIEW.top} H ${VIEW.width - VIEW.right}`} class="chart-grid" stroke-dasharray="2 4" />
      <path d={`M ${VIEW.left} ${BASE} H ${VIEW.width - VIEW.right}`} class="chart-axis" />
      <text x={VIEW.left} y={VIEW.top - 7} class="chart-text">
        {topLabel}
      </text>
      {hours.map(({ at, text }) => (
        <text key={at} x={x(at)} y={VIEW.height - 6} class="chart-text chart-hour">
          {text}
        </text>
      ))}
    </svg>
  );
};

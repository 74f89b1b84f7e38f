import type { LightPointAnswer } from '#contract/routes/lighting.ts';
import { healthOf, type LightPointHealth, observedLevel } from './light-point-health.ts';

const LAMP_PITCH = 30;
const RADIUS = 9;
const SIDE_Y = [26, 102] as const;
const ROAD = { top: 44, bottom: 84 };

const SHAPES: Readonly<Record<Exclude<LightPointHealth, 'normal' | 'unknown'>, string>> = {
  watch: '0,-10 10,8 -10,8',
  fault: '0,-11 11,0 0,11 -11,0',
  override: '-5,-9 5,-9 10,0 5,9 -5,9 -10,0',
};

/** Hollow at 0, full at 100; between, the lit part rises with the level. */
const Fill = ({ level }: { readonly level: number | null }) => {
  if (level === null || level === 0) return null;
  if (level === 100) return <circle r={RADIUS - 2} class="lamp-light" />;
  const height = ((RADIUS - 2) * 2 * level) / 100;
  const top = RADIUS - 2 - height;
  const halfWidth = Math.sqrt(Math.max(0, (RADIUS - 2) ** 2 - top ** 2));
  const large = level > 50 ? 1 : 0;
  const arc = `M ${-halfWidth} ${top} A ${RADIUS - 2} ${RADIUS - 2} 0 ${large} 0 ${halfWidth} ${top} Z`;
  return <path d={arc} class="lamp-light" />;
};

const Outline = ({ health }: { readonly health: LightPointHealth }) => {
  if (health === 'normal') return <circle r={RADIUS} class="lamp-outline" />;
  if (health === 'unknown') return <circle r={RADIUS} class="lamp-outline lamp-unknown" stroke-dasharray="3 3" />;
  return <polygon points={SHAPES[health]} class={`lamp-outline lamp-${health}`} />;
};

const Lamp = ({ lightPoint, x, y }: { readonly lightPoint: LightPointAnswer; readonly x: number; readonly y: number }) => {
  const health = healthOf(lightPoint);
  return (
    <g transform={`translate(${x} ${y})`}>
      {(observedLevel(lightPoint) ?? 0) > 0 ? <circle r="14" class="lamp-halo" /> : null}
      <Outline health={health} />
      <Fill level={observedLevel(lightPoint)} />
      {health === 'unknown' || health === 'fault' ? (
        <text y="4" class="lamp-sign">
          {health === 'unknown' ? '?' : '!'}
        </text>
      ) : null}
    </g>
  );
};

interface StreetPictureProps {
  readonly lightPoints: readonly LightPointAnswer[];
  readonly name: string;
}

/** The street from above, half of its lamps on each side; the table beside it holds the same values. */
export const StreetPicture = ({ lightPoints, name }: StreetPictureProps) => {
  const perSide = Math.ceil(lightPoints.length / 2);
  const width = Math.max(1, perSide) * LAMP_PITCH;
  return (
    <svg class="street-picture" viewBox={`0 0 ${width} 128`} role="img" aria-label={name}>
      <rect x="0" y={ROAD.top} width={width} height={ROAD.bottom - ROAD.top} class="road" />
      <path d={`M 0 64 H ${width}`} class="road-line" stroke-dasharray="10 8" />
      {lightPoints.map((lightPoint, index) => (
        <Lamp
          key={lightPoint.id}
          lightPoint={lightPoint}
          x={(index % perSide) * LAMP_PITCH + LAMP_PITCH / 2}
          y={SIDE_Y[index < perSide ? 0 : 1]}
        />
      ))}
    </svg>
  );
};

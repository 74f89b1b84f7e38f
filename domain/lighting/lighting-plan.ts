import type { TimeZone } from '#domain/civil-time.ts';
import { timeZone } from '#domain/civil-time.ts';
import type { DeviceId, GroupId } from '#domain/identifiers.ts';
import type { Calendar } from '#domain/lighting/calendar.ts';
import type { ControlProgram } from '#domain/lighting/control-program.ts';
import type { OverrideTarget } from '#domain/lighting/override.ts';
import type { DayOffset } from '#domain/lighting/program-day.ts';
import type { Position } from '#domain/lighting/sun.ts';

/** What a light point runs: a program every day, or what a calendar chooses. One of the two. */
export interface PlanAssignment {
  readonly target: OverrideTarget;
  readonly program?: string | undefined;
  readonly calendar?: string | undefined;
}

/** Light that is lit is never dimmed below this: a crossing, whatever a program, a sensor or an override asks. Off stays off. */
export interface SafetyFloor {
  readonly id: string;
  readonly target: OverrideTarget;
  /** 1 to 100 % of full light. */
  readonly minimumPercent: number;
  readonly by: string;
  readonly reason: string;
}

/** The parts of desired state that decide a level: those of the `programs` document. */
export interface LightingPlan {
  readonly timeZone: TimeZone;
  readonly position: Position;
  /** Absent: noon to noon. */
  readonly dayOffset?: DayOffset | undefined;
  /** Level of a light point that nothing governs, 0 to 100 % of full light. */
  readonly defaultLevelPercent: number;
  readonly groups: readonly { readonly id: GroupId; readonly members: readonly DeviceId[] }[];
  readonly programs: readonly ControlProgram[];
  readonly calendars?: readonly Calendar[] | undefined;
  /** The last assignment that covers a device is its own. */
  readonly assignments: readonly PlanAssignment[];
  /** The highest that covers a device holds. */
  readonly safetyFloors?: readonly SafetyFloor[] | undefined;
}

/** The plan inside a `programs` document. */
export const lightingPlanFrom = (document: Omit<LightingPlan, 'timeZone'> & { readonly timeZone: string }): LightingPlan => ({
  timeZone: timeZone(document.timeZone),
  position: document.position,
  dayOffset: document.dayOffset,
  defaultLevelPercent: document.defaultLevelPercent,
  groups: document.groups,
  programs: document.programs,
  calendars: document.calendars,
  assignments: document.assignments,
  safetyFloors: document.safetyFloors,
});

/** Whether a target covers a device, through the plan's groups. */
export const isTargeted = (target: OverrideTarget, device: DeviceId, groups: LightingPlan['groups']): boolean => {
  switch (target.kind) {
    case 'all':
      return true;
    case 'device':
      return target.device === device;
    case 'group':
      return groups.some((group) => group.id === target.group && group.members.includes(device));
  }
};

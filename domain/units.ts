/**
 * Quantities as branded numbers: a number has a unit, or it is not a number.
 * Storage and messages are SI base units (W, Wh, V, A, s); a kilo prefix exists only on screens.
 */
declare const unit: unique symbol;
type Quantity<U extends string> = number & { readonly [unit]: U };

export type Watts = Quantity<'W'>;
export type WattHours = Quantity<'Wh'>;
export type Seconds = Quantity<'s'>;
export type Hours = Quantity<'h'>;
export type Celsius = Quantity<'°C'>;
export type Lux = Quantity<'lx'>;
/** A share of one hundred, 0 to 100. Of what is said by the name that carries it. */
export type Percent = Quantity<'%'>;

const finite =
  <U extends string>(symbol: U) =>
  (value: number): Quantity<U> => {
    if (!Number.isFinite(value)) throw new RangeError(`${value} is not a finite number of ${symbol}`);
    return value as Quantity<U>;
  };

export const watts = finite('W');
export const wattHours = finite('Wh');
export const seconds = finite('s');
export const hours = finite('h');
export const celsius = finite('°C');
export const lux = finite('lx');
export const minutes = (value: number): Seconds => seconds(value * 60);

export const percent = (value: number): Percent => {
  if (!(value >= 0 && value <= 100)) throw new RangeError(`${value} is not between 0 and 100 %`);
  return value as Percent;
};

/** Mean power of an energy spread over a duration. */
export const meanPower = (energy: WattHours, duration: Seconds): Watts => {
  if (!(duration > 0)) throw new RangeError('A mean power needs a duration above 0 s');
  return watts((energy * 3600) / duration);
};

/** Energy of a constant power held for a duration. */
export const energyOf = (power: Watts, duration: Seconds): WattHours => wattHours((power * duration) / 3600);

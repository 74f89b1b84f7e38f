/** An exact decimal number: `mantissa` × 10 ^ `exponent`. */
export interface Decimal {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const WRITTEN = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/;

/** The decimal by which a finite number is written: 0.1 is one tenth, not the double nearest to it. Throws `RangeError` otherwise. */
export const decimalOf = (value: number): Decimal => {
  const [, sign = '', whole = '', fraction = '', power = '0'] = WRITTEN.exec(value.toString()) ?? [];
  if (whole === '') throw new RangeError(`${value} is not a finite number`);
  return { mantissa: BigInt(`${sign}${whole}${fraction}`), exponent: Number(power) - fraction.length };
};

/** The double nearest to a decimal. */
export const numberOf = ({ mantissa, exponent }: Decimal): number => Number(`${mantissa}e${exponent}`);

export const product = (a: Decimal, b: Decimal): Decimal => ({
  mantissa: a.mantissa * b.mantissa,
  exponent: a.exponent + b.exponent,
});

/** The whole number nearest to a decimal divided by another, halves away from zero. */
export const wholeQuotient = (value: Decimal, divisor: Decimal): bigint => {
  const shift = value.exponent - divisor.exponent;
  const over = value.mantissa * 10n ** BigInt(Math.max(0, shift));
  const under = divisor.mantissa * 10n ** BigInt(Math.max(0, -shift));
  const isNegative = over < 0n !== under < 0n;
  const [a, b] = [over < 0n ? -over : over, under < 0n ? -under : under];
  const rounded = (2n * a + b) / (2n * b);
  return isNegative ? -rounded : rounded;
};

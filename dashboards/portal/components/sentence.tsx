import type { ComponentChildren } from 'preact';

interface SentenceProps {
  readonly text: string;
  readonly values: Readonly<Record<string, ComponentChildren>>;
}

/** A text whose braces are filled with elements, so that a figure inside a sentence stays a figure with its quality. */
export const Sentence = ({ text, values }: SentenceProps) => (
  <>
    {text.split(/(\{\w+\})/).map((piece) => {
      const name = /^\{(\w+)\}$/.exec(piece)?.[1];
      if (name === undefined) return piece;
      if (!(name in values)) throw new RangeError(`"${text}" needs {${name}}`);
      return values[name];
    })}
  </>
);

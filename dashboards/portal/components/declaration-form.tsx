import type { CommissionedGateway } from '#contract/routes/commissioning.ts';
import type { DeclarationFields } from '../commissioning-content.ts';
import { fill, type Words } from '../words/words.ts';

interface Props {
  readonly site: string;
  readonly gateway: CommissionedGateway;
  readonly bus: string;
  /** What was typed for this bus and not accepted. */
  readonly fields: DeclarationFields | null;
  readonly words: Words;
}

const EMPTY: Omit<DeclarationFields, 'bus'> = { profile: '', unit: '', channel: '', lines: '' };

const OneAddress = ({ site, gateway, bus, fields, words: { commissioning: words } }: Props) => {
  const { profile, unit, channel } = fields ?? EMPTY;
  const id = (name: string): string => (fields === null ? `${name}-${gateway.id}-${bus}` : name);
  return (
    <form method="post" action={`/eclairage/armoires/${site}/mise-en-service/${gateway.id}`} noValidate>
      <input type="hidden" name="bus" value={bus} />
      <p class="field">
        <label for={id('profil')}>{words.profile}</label>
        <select id={id('profil')} name="profil" required>
          <option value="">—</option>
          {gateway.profiles.map((known) => (
            <option key={known.profile} value={known.profile} selected={known.profile === profile}>
              {known.model}
            </option>
          ))}
        </select>
      </p>
      <p class="field">
        <label for={id('unite')}>{words.unitId}</label>
        <span class="meta" id={id('unite-aide')}>
          {words.unitHint}
        </span>
        <input
          id={id('unite')}
          name="unite"
          type="number"
          inputMode="numeric"
          min="1"
          max="247"
          required
          value={unit}
          aria-describedby={id('unite-aide')}
        />
      </p>
      <p class="field">
        <label for={id('voie')}>{words.channel}</label>
        <span class="meta" id={id('voie-aide')}>
          {words.channelHint}
        </span>
        <input
          id={id('voie')}
          name="voie"
          type="number"
          inputMode="numeric"
          min="0"
          max="255"
          value={channel}
          aria-describedby={id('voie-aide')}
        />
      </p>
      <p class="actions">
        <button type="submit" class="primary">
          {words.declareOne}
        </button>
      </p>
    </form>
  );
};

const ScannedLines = ({ site, gateway, bus, fields, words: { commissioning: words } }: Props) => {
  const id = (name: string): string => (fields === null ? `${name}-${gateway.id}-${bus}` : name);
  return (
    <form method="post" action={`/eclairage/armoires/${site}/mise-en-service/${gateway.id}`}>
      <input type="hidden" name="bus" value={bus} />
      <p class="field">
        <label for={id('lignes')}>{words.paste}</label>
        <span class="meta" id={id('lignes-aide')}>
          {words.pasteHint}
        </span>
        <textarea id={id('lignes')} name="lignes" rows={5} aria-describedby={id('lignes-aide')}>
          {fields?.lines ?? ''}
        </textarea>
      </p>
      <p class="actions">
        <button type="submit">{words.declareAll}</button>
      </p>
    </form>
  );
};

/** One address by hand, or all that a scan on the gateway printed. */
export const DeclarationForm = (props: Props) => (
  <details open={props.fields !== null} data-keep>
    <summary>{fill(props.words.commissioning.declareOn, { bus: props.bus })}</summary>
    <div class="columns">
      <OneAddress {...props} />
      <ScannedLines {...props} />
    </div>
  </details>
);

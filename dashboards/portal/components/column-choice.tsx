import type { CommissionedDevice, CommissioningAnswer } from '#contract/routes/commissioning.ts';
import type { BindingFields } from '../commissioning-content.ts';
import { counted, fill } from '../words/words.ts';
import { CommandAction } from './command-action.tsx';
import { devicePath } from './device-path.ts';
import type { ReadingPlace } from './reading-place.ts';

interface Props {
  readonly commissioning: CommissioningAnswer;
  readonly device: CommissionedDevice;
  readonly fields: BindingFields;
  readonly place: ReadingPlace;
}

/** More would be a long way to walk with a thumb: the search is shorter. */
const SHOWN = 12;

const plain = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();

const matching = ({ lightPoints }: CommissioningAnswer, search: string): CommissioningAnswer['lightPoints'] => {
  const wanted = plain(search.trim());
  return lightPoints.filter(({ label }) => plain(label).includes(wanted));
};

const Search = ({ commissioning, device, fields, place: { words } }: Props) => (
  <form method="get" action={devicePath(commissioning.site, device)} class="search">
    <p class="field">
      <label for="q">{words.commissioning.searchColumn}</label>
      <span class="search-line">
        <input id="q" name="q" type="search" maxLength={80} value={fields.search} autoComplete="off" />
        <button type="submit">{words.commissioning.search}</button>
      </span>
    </p>
  </form>
);

/** Columns of the site, those without a lamp first. One that has a lamp is shown, and cannot be chosen. */
export const ColumnChoice = (props: Props) => {
  const { commissioning, device, fields, place } = props;
  const { words, language } = place;
  const found = matching(commissioning, fields.search);
  const shown = found.slice(0, SHOWN);
  return (
    <section class="card" aria-labelledby="quel-mat">
      <h2 id="quel-mat">{words.commissioning.whichColumn}</h2>
      <Search {...props} />
      {shown.length === 0 ? (
        <p>
          {words.commissioning.noColumn} <a href={devicePath(commissioning.site, device)}>{words.commissioning.clearSearch}</a>
        </p>
      ) : (
        <form method="post" action={`${devicePath(commissioning.site, device)}/mat`} noValidate>
          <input type="hidden" name="q" value={fields.search} />
          <fieldset id="mats">
            <legend class="meta">
              {counted(words.commissioning.columnsShown, shown.length, language, { of: commissioning.lightPoints.length })}
            </legend>
            <div class="choices choices-tall">
              {shown.map(({ id, label, device: taken }) => (
                <label class="choice" key={id}>
                  <input type="radio" name="mat" value={id} checked={fields.column === id} disabled={taken !== null} required />
                  <span>
                    {taken === null
                      ? fill(words.commissioning.columnFree, { label })
                      : fill(words.commissioning.columnTaken, { label, device: taken })}
                  </span>
                </label>
              ))}
            </div>
          </fieldset>
          <CommandAction words={words} label={words.commissioning.thisColumn} />
        </form>
      )}
    </section>
  );
};

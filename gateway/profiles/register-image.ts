import { fault } from '#contract/errors.ts';
import { isBitTable, type Table } from '../modbus/requests.ts';

/** What stands in a device's registers and bits, by table and address on the wire. */
export type RegisterImage = Readonly<Record<Table, ReadonlyMap<number, number>>>;

const LINE = /^(coil|discrete|holding|input)\s+(\d{1,5})\s*:\s*(.+)$/;
const REGISTER = /^[0-9a-f]{4}$/i;
const BIT = /^[01]$/;
const LAST_ADDRESS = 65_535;

/**
 * Reads `registers.hex`: one run of words a line, `holding 19000: 4366 6666`, or of bits, `coil 0: 1 0 0`; `#` begins a
 * remark. Throws `PROFILE_FIXTURE_INVALID` with file and line.
 */
export const readRegisterImage = (text: string, file: string): RegisterImage => {
  const image = { coil: new Map(), discrete: new Map(), holding: new Map(), input: new Map() } as Record<
    Table,
    Map<number, number>
  >;
  for (const [index, each] of text.split('\n').entries()) {
    const refuse = (problem: string): never => {
      throw fault('PROFILE_FIXTURE_INVALID', { file, line: index + 1, problem });
    };
    const line = each.replace(/#.*$/, '').trim();
    if (line === '') continue;
    const [, table, address, words = ''] = LINE.exec(line) ?? refuse('write a table, an address, a colon and words');
    const target = image[table as Table];
    for (const [offset, word] of words.trim().split(/\s+/).entries()) {
      const isBit = isBitTable(table as Table);
      if (!(isBit ? BIT : REGISTER).test(word)) refuse(`"${word}" is not ${isBit ? 'a bit, 0 or 1' : 'four hexadecimal digits'}`);
      const at = Number(address) + offset;
      if (at > LAST_ADDRESS) refuse(`address ${at} is beyond ${LAST_ADDRESS}`);
      if (target.has(at)) refuse(`${table} ${at} is there twice`);
      target.set(at, Number.parseInt(word, isBit ? 2 : 16));
    }
  }
  return image;
};

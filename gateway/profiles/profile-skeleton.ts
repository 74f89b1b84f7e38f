/** The page of a device that nobody has described yet: every key with what it wants. It passes the check as it is. */
const page = (
  name: string,
): string => `# One model of device. docs/add-a-device.md explains each line; profile.schema.json lets an editor check it while you type.
profile: ${name}
vendor: "The maker's name"
models: ["The model, as on its nameplate"]
# electricity-meter, heat-meter, mbus-gateway, dali-gateway, luminaire-driver, relay, lighting-cabinet, light-sensor, presence-sensor
kind: electricity-meter
origin: documented
# The maker's document, its revision and pages: whoever doubts a line looks there.
document: "The document, revision, pages"
source: "facts read in the maker's manual"
# makers-manual, published-source-code, partial, unverified
confidence: unverified
# Function types of TALQ 2.7.1
functions: [ElectricalMeterFunction]
# 1 when the document counts its addresses from one
addressBase: 0
# What the device gives in one answer, 125 at most, and the widest hole that may be read along: 0 when unknown
maxRegistersPerRead: 60
maxGapRegisters: 0
points:
  # The names and units are those of docs/quantities.md. Function 3 reads holding, function 4 input.
  voltageV: { table: input, address: 0, type: uint16, wordOrder: high-first, scale: 0.1, unit: V }
`;

const registers = `# table address: words. The address is the one on the wire (the document's, less addressBase).
input 0: 0900
`;

const expected = `${JSON.stringify({ values: { voltageV: 230.4 } }, null, 2)}\n`;

const source = `Computed from the document, not recorded on a device. Say which page the addresses, types and scales stand on.
A recording begins with "Recorded on hardware", then the model, its firmware, the date and what its display showed.
`;

export interface NewFile {
  readonly path: string;
  readonly text: string;
}

/** The files of a new profile, from the folders of profiles and of fixtures. */
export const profileSkeleton = (
  name: string,
  folders: { readonly profiles: string; readonly fixtures: string },
): readonly NewFile[] => {
  const fixture = `${folders.fixtures}/${name}/first-reading`;
  return [
    { path: `${folders.profiles}/${name}.yaml`, text: page(name) },
    { path: `${fixture}/registers.hex`, text: registers },
    { path: `${fixture}/expected.json`, text: expected },
    { path: `${fixture}/source.md`, text: source },
  ];
};

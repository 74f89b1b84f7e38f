/** Error codes of device profiles, of buses and of devices: a part of the catalogue in `errors.ts`. */
export const FIELD_ERRORS = {
  PROFILE_INVALID: {
    status: 500,
    what: 'Profile {file}, line {line}, at {path}: {problem}.',
    next: 'Correct this line; {expected}.',
  },
  PROFILE_FIXTURE_INVALID: {
    status: 500,
    what: 'Fixture {file}, line {line}: {problem}.',
    next: 'Correct this line; docs/add-a-device.md shows one.',
  },
  PROFILE_EXISTS: {
    status: 500,
    what: 'There is already a file {file}.',
    next: 'Choose another name; a profile is never overwritten.',
  },
  DEVICE_SILENT: {
    status: 504,
    what: '{device} (bus {bus}, unit {unitId}) has not answered since {since}.',
    next: 'Check its supply, its cable and its unit id.',
  },
  MODBUS_EXCEPTION: {
    status: 502,
    what: '{device} (unit {unitId}) refused function {functionCode} at {address}: exception {exception}.',
    next: 'Compare the profile with the maker’s document.',
  },
  MODBUS_REPLY_INVALID: {
    status: 502,
    what: '{device} (unit {unitId}) sent an answer that does not match the request: {reason}.',
    next: 'Check that nothing else speaks on bus {bus} and that its mode (TCP or RTU over TCP) is right.',
  },
  BUS_DISCONNECTED: {
    status: 503,
    what: 'Bus {bus} at {address} is not connected: {reason}.',
    next: 'Check the network and the address; it is tried again.',
  },
  WRITE_NOT_ALLOWED: {
    status: 403,
    what: '{quantity} of {device} may not be written: {rule}.',
    next: 'Change that rule where it stands, or ask for something else.',
  },
  WRITE_OUT_OF_RANGE: {
    status: 422,
    what: '{quantity} of {device} must be between {min} and {max}; {value} was asked.',
    next: 'Ask for a value in that range.',
  },
  WRITE_TOO_OFTEN: {
    status: 429,
    what: '{quantity} of {device} may be written again at {againAt}: {rule}.',
    next: 'Send a new order then.',
  },
  FAIL_SAFE_DIFFERS: {
    status: 409,
    what: '{device} would not do on its own what was wanted: its {register} is {found}, not {wanted}; {why}.',
    next: 'Set it with the maker’s tool, or change failSafe in the gateway’s file; it is looked at again each day.',
  },
  FAIL_SAFE_REFUSED: {
    status: 502,
    what: '{device} refused its {register}: {reason}.',
    next: 'Compare its firmware with the profile; until then count on nothing when its link is lost.',
  },
  READ_BACK_DIFFERS: {
    status: 502,
    what: '{device} answered {readBack} after {asked} was written to {quantity}.',
    next: 'The order is tried again; if it persists, look for a local control.',
  },
  PROOF_MISSING: {
    status: 504,
    what: '{device} drew {observedW} W, {expectedW} W expected at {levelPercent} %.',
    next: 'Look at the lamp, or correct its power table.',
  },
  FIELD_FAULT_UNKNOWN: {
    status: 500,
    what: 'The simulated field has no "{fault}" that {target} can suffer.',
    next: '{known}.',
  },
} as const;

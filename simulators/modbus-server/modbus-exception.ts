export const ILLEGAL_FUNCTION = 0x01;
export const ILLEGAL_DATA_ADDRESS = 0x02;
export const ILLEGAL_DATA_VALUE = 0x03;
export const SERVER_DEVICE_FAILURE = 0x04;
/** What a TCP to serial gateway answers for a unit that is not on its line. */
export const GATEWAY_TARGET_SILENT = 0x0b;

/** Thrown by a unit to refuse a request; becomes the exception answer of the protocol. */
export class ModbusException extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`Modbus exception 0x${code.toString(16).padStart(2, '0')}`);
    this.name = 'ModbusException';
    this.code = code;
  }
}

/*
 * A Modbus unit of another house: libmodbus answers, this file only opens it.
 *
 *   slave tcp PORT            unit 1 over Modbus TCP, on loopback; PORT 0: any
 *   slave rtu DEVICE BAUD     unit 1 on a serial line
 *
 * Each of the four tables has addresses 0 to 299. At start: coil n is n % 3 == 0, discrete input n is n % 5 == 0, holding
 * register n is 1000 + n, input register n is 2000 + n. Holding registers 298 and 299 alone are refused, with exceptions 01 and 04.
 * Says "ready PORT" or "ready DEVICE" when it listens; ends by a signal.
 */
#include <errno.h>
#include <modbus.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { ADDRESSES = 300, REFUSING_REGISTER = 298, FAILING_REGISTER = 299, UNIT = 1 };

static int fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, modbus_strerror(errno));
  return 1;
}

static modbus_mapping_t *fill(void) {
  modbus_mapping_t *map = modbus_mapping_new(ADDRESSES, ADDRESSES, ADDRESSES, ADDRESSES);
  if (map == NULL) return NULL;
  for (int n = 0; n < ADDRESSES; n += 1) {
    map->tab_bits[n] = n % 3 == 0;
    map->tab_input_bits[n] = n % 5 == 0;
    map->tab_registers[n] = 1000 + n;
    map->tab_input_registers[n] = 2000 + n;
  }
  return map;
}

/* The exception that a read of one register is answered with; 0: none. */
static unsigned exception_for(modbus_t *unit, const uint8_t *request) {
  const uint8_t *pdu = request + modbus_get_header_length(unit);
  int address = pdu[1] << 8 | pdu[2];
  int count = pdu[3] << 8 | pdu[4];
  if (pdu[0] != MODBUS_FC_READ_HOLDING_REGISTERS || count != 1) return 0;
  if (address == REFUSING_REGISTER) return MODBUS_EXCEPTION_ILLEGAL_FUNCTION;
  return address == FAILING_REGISTER ? MODBUS_EXCEPTION_SLAVE_OR_SERVER_FAILURE : 0;
}

/* Answers until the peer is gone. */
static void serve(modbus_t *unit, modbus_mapping_t *map) {
  uint8_t request[MODBUS_MAX_ADU_LENGTH];
  for (;;) {
    int length = modbus_receive(unit, request);
    if (length == -1 && errno < MODBUS_ENOBASE) return;
    if (length <= 0) continue;
    unsigned exception = exception_for(unit, request);
    if (exception > 0)
      modbus_reply_exception(unit, request, exception);
    else
      modbus_reply(unit, request, length, map);
  }
}

static int port_of(int listening) {
  struct sockaddr_in address;
  socklen_t length = sizeof address;
  return getsockname(listening, (struct sockaddr *)&address, &length) == 0 ? ntohs(address.sin_port) : -1;
}

static int serve_tcp(const char *port, modbus_mapping_t *map) {
  modbus_t *unit = modbus_new_tcp("127.0.0.1", atoi(port));
  if (unit == NULL) return fail("modbus_new_tcp");
  int listening = modbus_tcp_listen(unit, 1);
  if (listening == -1) return fail("modbus_tcp_listen");
  printf("ready %d\n", port_of(listening));
  fflush(stdout);
  while (modbus_tcp_accept(unit, &listening) != -1) {
    serve(unit, map);
    modbus_close(unit);
  }
  return fail("modbus_tcp_accept");
}

static int serve_rtu(const char *device, const char *baud, modbus_mapping_t *map) {
  modbus_t *unit = modbus_new_rtu(device, atoi(baud), 'N', 8, 1);
  if (unit == NULL) return fail("modbus_new_rtu");
  modbus_set_slave(unit, UNIT);
  if (modbus_connect(unit) == -1) return fail("modbus_connect");
  printf("ready %s\n", device);
  fflush(stdout);
  serve(unit, map);
  return fail("the line");
}

int main(int count, char **words) {
  modbus_mapping_t *map = fill();
  if (map == NULL) return fail("modbus_mapping_new");
  if (count == 3 && strcmp(words[1], "tcp") == 0) return serve_tcp(words[2], map);
  if (count == 4 && strcmp(words[1], "rtu") == 0) return serve_rtu(words[2], words[3], map);
  fprintf(stderr, "slave tcp PORT | slave rtu DEVICE BAUD\n");
  return 2;
}

/* gate.h: how often strangers are looked at. A token has 256 random bits, so no rate of guessing
 * finds one; what is kept small is what guessing costs, and what it can do to others:
 *
 * - An address has so many requests a minute.
 * - An address that has shown too many wrong tokens is not looked at until its window has ended.
 *   What it asks meanwhile does not make the window longer.
 * - A device's name that too many wrong tokens were shown for is looked at for addresses alone that
 *   have shown none: who guesses does not lock the device out.
 *
 * Addresses are texts; of IPv6 the first 64 bits. Pure: times are monotonic, and handed in. */
#ifndef WG_PKI_ENROL_GATE_H
#define WG_PKI_ENROL_GATE_H

#include "pki/enrol/claim_settings.h"
#include "pki/enrol/limit.h"

struct sockaddr_storage;

#define GATE_ADDRESS_MAX 48

struct gate {
    struct limit connections, requests, wrong_address, wrong_device;
};

/* Large: allocate it. */
void gate_init(struct gate *gate, const struct claim_settings *settings);
/* The text of whom a connection comes from, as the gate counts. */
void gate_address(const struct sockaddr_storage *from, char out[GATE_ADDRESS_MAX]);
/* One more connection: twice as many as requests are let in, the rest is not worth an answer. */
bool gate_connect(struct gate *gate, const char *address, wg_time now);
/* One more request. 0: go on; else it is too many, and this is how long to wait. */
wg_duration gate_request(struct gate *gate, const char *address, wg_time now);
/* May a token be looked at? 0: yes; else how long to wait. Counts nothing. */
wg_duration gate_look(const struct gate *gate, const char *address, const char *device,
                      wg_time now);
/* It was wrong. */
void gate_wrong(struct gate *gate, const char *address, const char *device, wg_time now);

#endif

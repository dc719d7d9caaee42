/* faults.h: what is wrong with which devices. A fault has a share of the devices; which ones, the
 * fleet's seed and the device's number alone decide, so a test may know them beforehand. Pure. */
#ifndef WG_TESTS_SIM_FLEET_FAULTS_H
#define WG_TESTS_SIM_FLEET_FAULTS_H

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

enum fleet_fault {
    FLEET_DOWNLOAD,  /* what it fetches does not come */
    FLEET_VERIFY,    /* what it fetches is not what the order says */
    FLEET_INSTALL,   /* the installation fails */
    FLEET_BOOT,      /* the new slot does not come up; the old one does */
    FLEET_HEALTH,    /* the new slot is not healthy */
    FLEET_SILENT,    /* the new slot hangs for ever */
    FLEET_SLOW,      /* all its work takes ten times as long */
    FLEET_DUPLICATE, /* it says everything twice */
    FLEET_RECONNECT, /* its connection breaks again and again */
    FLEET_CLOCK,     /* its clock is wrong by an hour to thirty days */
    FLEET_FAULTS
};

struct faults {
    double shares[FLEET_FAULTS]; /* of all devices, 0..1 */
};

const char *fleet_fault_text(enum fleet_fault fault); /* "install" */
/* "install=2%,silent=0.5%"; adds to what is there. WG_E_USAGE names the word that is wrong. */
WG_MUST_CHECK bool faults_parse(const char *text, struct faults *faults, struct wg_error *err);
bool faults_strike(const struct faults *faults, uint64_t seed, uint64_t number,
                   enum fleet_fault fault);
/* A share as "2%", "0.5%" or "0.02", 0..1. */
WG_MUST_CHECK bool share_parse(const char *text, double *out);

#endif

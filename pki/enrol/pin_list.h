/* pin_list.h: the newest list of pins, as this service hands it on: a file that a person puts
 * there, looked at again when it has changed. The service has not the pins' key and checks no
 * signature: the devices do, and need not trust it. */
#ifndef WG_PKI_ENROL_PIN_LIST_H
#define WG_PKI_ENROL_PIN_LIST_H

#include "common/message_csr.h"

#include <sys/stat.h>

struct pin_list {
    const char *file; /* borrowed; "": there is none */
    bool looked;      /* once at least, then: */
    struct stat seen; /* the file as it was; all 0: it was not there */
    int64_t number;   /* 0: nothing to hand on */
    char text[WG_PINS_WIRE_MAX];
};

void pin_list_init(struct pin_list *list, const char *file);
/* Appends the answer to a device that has list number; false: it needs none. What is wrong with the
 * file is logged once a change, and the list before it is handed on. */
bool pin_list_answer(struct pin_list *list, int64_t number, struct wg_buf *out);

#endif

/* book.h: the newest renewal of each device, a file a device: DIR/device/renewals/NAME.json. From
 * it the same request is answered in the same way, and the old certificate is known that falls when
 * the new one was used. */
#ifndef WG_PKI_ENROL_BOOK_H
#define WG_PKI_ENROL_BOOK_H

#include "common/message_csr.h"

struct book_page {
    char device[WG_NAME_MAX + 1];
    char key[WG_SHA256_HEX];    /* id of the new key: hex SHA-256 of its SubjectPublicKeyInfo */
    char serial[WG_SERIAL_MAX]; /* of the new certificate */
    char old[WG_SERIAL_MAX];    /* of the one that it takes the place of */
    bool settled;               /* the new one was used, the old one is revoked */
    wg_time since;              /* when the count began */
    int64_t count;              /* certificates issued to it since then */
    char chain[WG_CHAIN_MAX];
};

/* *found false: this device has never renewed. WG_E_BAD_FILE when the file is damaged. */
WG_MUST_CHECK bool book_read(const char *pki, const char *device, struct book_page *out,
                             bool *found, struct wg_error *err);
WG_MUST_CHECK bool book_write(const char *pki, const struct book_page *page, struct wg_error *err);

#endif

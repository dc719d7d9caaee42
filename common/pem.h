/* pem.h: keys and the like as text (RFC 7468). Pure. */
#ifndef WG_COMMON_PEM_H
#define WG_COMMON_PEM_H

#include "common/buf.h"

#include <stdint.h>

#define WG_PEM_DER_MAX 2048 /* bytes of DER that are written */
#define WG_PEM_ENCRYPTED "ENCRYPTED PRIVATE KEY"

/* Appends der as PEM with lines of 64. */
WG_MUST_CHECK bool wg_pem_put(const char *label, const void *der, size_t len, struct wg_buf *out,
                              struct wg_error *err);
/* The DER between the lines of that label; at most size bytes. False without an error when there
 * are no such lines, or what is between them is not base64. */
bool wg_pem_get(const char *pem, size_t len, const char *label, uint8_t *der, size_t size,
                size_t *der_len);

/* Is there a text WG_PEM_ENCRYPTED? */
bool wg_pkcs8_is_encrypted(const char *pem, size_t len);

#endif

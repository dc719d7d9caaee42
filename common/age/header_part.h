/* header_part.h: of the header, what is not for everybody: with a secret that is given, a header is
 * the same each time. For tests; whoever uses one secret twice has told that both are for one. */
#ifndef WG_COMMON_AGE_HEADER_PART_H
#define WG_COMMON_AGE_HEADER_PART_H

#include "common/age/header.h"

WG_MUST_CHECK bool age_header_make_with(const struct age_file_key *key,
                                        const struct age_recipient *recipient,
                                        const uint8_t ephemeral[WG_X25519_SIZE],
                                        char out[AGE_HEADER_SIZE + 1], struct wg_error *err);
/* The MAC of the bytes up to and including "---". */
WG_MUST_CHECK bool age_header_mac(const struct age_file_key *key, const char *data, size_t len,
                                  uint8_t out[AGE_MAC], struct wg_error *err);

#endif

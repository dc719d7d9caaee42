/* token_uri.h: pkcs11: URIs (RFC 7512), as far as they find one key. Pure. */
#ifndef WG_COMMON_POSIX_TOKEN_URI_H
#define WG_COMMON_POSIX_TOKEN_URI_H

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

#define WG_TOKEN_SCHEME "pkcs11:"
#define WG_TOKEN_TEXT_MAX 128

/* type=: "private" is a key that signs, "secret-key" one that encrypts. */
enum wg_token_type { WG_TOKEN_ANY, WG_TOKEN_PRIVATE, WG_TOKEN_SECRET };

struct wg_token_uri {
    char module[4096];                         /* path of the library; "" p11-kit's */
    char pin_file[4096];                       /* "" none */
    char token[WG_TOKEN_TEXT_MAX], serial[32]; /* "" any */
    char object[WG_TOKEN_TEXT_MAX];            /* label; "" any */
    uint8_t id[WG_TOKEN_TEXT_MAX];
    size_t id_len; /* 0 any */
    enum wg_token_type type;
};

/* Does the text name a key in a token? */
bool wg_token_uri_is(const char *text);
/* WG_E_USAGE names what is wrong; pin-value is refused. */
WG_MUST_CHECK bool wg_token_uri_parse(const char *uri, struct wg_token_uri *out,
                                      struct wg_error *err);

#endif

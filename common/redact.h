/* redact.h: takes out of text what looks like a secret, before the text leaves a device: private
 * keys in PEM, age identities, user names and passwords and queries in URLs, headers that log in,
 * values of what is called password, token, secret, pin and the like, JSON web tokens, keys of
 * cloud services, long runs of hex or base64 behind words like key. Rather too much than too
 * little: a person who reads the rest still sees where something was taken out. Pure. */
#ifndef WG_COMMON_REDACT_H
#define WG_COMMON_REDACT_H

#include "common/buf.h"

#define WG_REDACTED "[removed]"

/* Appends the text as UTF-8, without secrets, carriage returns, colours and other control
 * characters; any bytes. cut: the text may begin in the middle of something; then its first two
 * lines go, and what follows them as if it were the rest of a key. Redacted text stays as it is
 * when it is redacted again. WG_E_MEMORY, WG_E_LIMIT when out has no room. */
WG_MUST_CHECK bool wg_redact(const char *text, size_t len, bool cut, struct wg_buf *out,
                             struct wg_error *err);

#endif

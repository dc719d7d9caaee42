/* webhook_sign.h: secrets of webhooks and what deliveries are signed with (Standard Webhooks 1.0:
 * HMAC-SHA256 over "ID.TIMESTAMP.BODY", under what "whsec_" and base64 stand for). */
#ifndef WG_ORCHESTRATOR_API_WEBHOOK_SIGN_H
#define WG_ORCHESTRATOR_API_WEBHOOK_SIGN_H

#include "common/error.h"
#include "common/time.h"

#include <stddef.h>

#define WEBHOOK_SECRET_TEXT 64
#define WEBHOOK_SIGNATURE_TEXT 64

WG_MUST_CHECK bool webhook_secret_make(char out[WEBHOOK_SECRET_TEXT], struct wg_error *err);
/* "v1,BASE64". seconds: since 1970. */
WG_MUST_CHECK bool webhook_sign(const char *secret, const char *id, int64_t seconds,
                                const char *body, char out[WEBHOOK_SIGNATURE_TEXT],
                                struct wg_error *err);

#endif

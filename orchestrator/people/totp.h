/* totp.h: the second factor: time-based one-time passwords (RFC 6238) of 6 digits, 30 seconds, with
 * HMAC-SHA-1, as every authenticator knows them. Pure but for random numbers. */
#ifndef WG_ORCHESTRATOR_PEOPLE_TOTP_H
#define WG_ORCHESTRATOR_PEOPLE_TOTP_H

#include "common/time.h"

#define TOTP_SECRET 33 /* 20 bytes in base32 (RFC 4648, section 6), with NUL */
#define TOTP_CODE 7    /* with NUL */
#define TOTP_URI 256
#define TOTP_STEP (30 * WG_SECOND)
#define TOTP_DRIFT 1 /* steps before and behind that are taken too */

WG_MUST_CHECK bool totp_make(char secret[TOTP_SECRET], struct wg_error *err);
/* The code of a step (time / TOTP_STEP). WG_E_BAD_INPUT: no such secret. */
WG_MUST_CHECK bool totp_code(const char *secret, int64_t step, char out[TOTP_CODE],
                             struct wg_error *err);
/* last: the step of the code that was taken last, 0: none; *step: that of this one, to be kept. A
 * code is taken once: no step up to the last one fits. */
bool totp_check(const char *secret, const char *code, wg_time now, int64_t last, int64_t *step);
/* otpauth://totp/ISSUER:NAME?secret=...&issuer=...: what a QR code for authenticators holds. */
WG_MUST_CHECK bool totp_uri(const char *issuer, const char *name, const char *secret,
                            char out[TOTP_URI], struct wg_error *err);

#endif

/* user.h: who a session is, in the user name that the broker keeps with it: "device/dev-01".
 * No name that a client sends has this form by chance: the plugin alone sets it, after the
 * certificate was judged. Pure. */
#ifndef WG_BROKER_USER_H
#define WG_BROKER_USER_H

#include "common/text.h"

enum role { ROLE_DEVICE, ROLE_ORCHESTRATOR, ROLE_ENROLMENT, ROLES };

#define USER_MAX (WG_NAME_MAX + 16)

struct user {
    enum role role;
    const char *name; /* borrowed */
};

const char *role_text(enum role role);
/* out holds USER_MAX. */
void user_text(const struct user *user, char *out);
/* out->name points into text. False for anything that user_text() did not write. */
bool user_parse(const char *text, struct user *out);

#endif

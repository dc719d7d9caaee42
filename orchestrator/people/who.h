/* who.h: who makes a request, and what they may. Pure. */
#ifndef WG_ORCHESTRATOR_PEOPLE_WHO_H
#define WG_ORCHESTRATOR_PEOPLE_WHO_H

#include "common/time.h"
#include "orchestrator/people/grants.h"
#include "orchestrator/people/token.h"

enum who_how {
    WHO_NOBODY, /* zeroed: may nothing */
    WHO_CERTIFICATE,
    WHO_SESSION,
    WHO_TOKEN,
    WHO_HOWS
};

/* As large as struct grants: keep it off small stacks. */
struct who {
    char name[WG_NAME_MAX + 1]; /* the person; of a token, its maker */
    enum who_how how;
    bool by_openid; /* of a session: it began at a provider of OpenID Connect */
    bool known;     /* is in the table of people; else a certificate alone says so */
    struct grants grants;
    permission_set permissions; /* of all grants, somewhere */
    char csrf[TOKEN_CSRF_TEXT]; /* of a session: what its writes must repeat; else "" */
    int64_t id;                 /* of the session or the token; else 0 */
    wg_time ends;               /* of the session or the token; else 0 */
};

const char *who_how_text(enum who_how how); /* "certificate" */

#endif

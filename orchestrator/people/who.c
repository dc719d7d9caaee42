/* who.c: words of how somebody comes. */
#include "orchestrator/people/who.h"

const char *who_how_text(enum who_how how)
{
    static const char *const words[WHO_HOWS] = {[WHO_NOBODY] = "nobody",
                                                [WHO_CERTIFICATE] = "certificate",
                                                [WHO_SESSION] = "session",
                                                [WHO_TOKEN] = "token"};
    return words[how];
}

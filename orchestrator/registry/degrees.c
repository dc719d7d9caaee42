/* degrees.c: numbers that survive being written. */
#include "orchestrator/registry/degrees.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool degrees_parse(const char *text, double *out)
{
    char *end = NULL;
    if (!*text || text[strspn(text, "0123456789+-.eE")]) return false;
    *out = strtod(text, &end) + 0.0; /* no -0 */
    return *end == '\0';
}

void degrees_text(double degrees, char out[DEGREES_TEXT])
{
    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(out, DEGREES_TEXT, "%.*g", digits, degrees);
        if (strtod(out, NULL) == degrees) return;
    }
}

/* degrees.h: latitude and longitude as text. */
#ifndef WG_ORCHESTRATOR_REGISTRY_DEGREES_H
#define WG_ORCHESTRATOR_REGISTRY_DEGREES_H

#include <stdbool.h>

#define DEGREES_TEXT 32 /* bytes that hold any text of degrees_text, with NUL */

/* A decimal number and nothing else: no spaces, no hexadecimal, no infinity. */
bool degrees_parse(const char *text, double *out);
/* The shortest text that degrees_parse reads back as the same number. */
void degrees_text(double degrees, char out[DEGREES_TEXT]);

#endif

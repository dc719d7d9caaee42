/* tail.h: whether chance alone can be what is seen: Fisher's exact test, and Holm's correction for
 * many questions at once. Pure. */
#ifndef WG_ORCHESTRATOR_SUPPORT_TAIL_H
#define WG_ORCHESTRATOR_SUPPORT_TAIL_H

#include <stddef.h>
#include <stdint.h>

/* Of all devices `marked` have a value; `drawn` of them are drawn blindly: how likely at least
 * `hits` of those drawn have it. The one-sided p of Fisher's exact test of the table {hits, drawn -
 * hits; marked - hits, the rest}. 1 for what cannot be. */
double tail_of(int64_t hits, int64_t drawn, int64_t marked, int64_t all);

/* p[i] becomes what is left of it when that many were asked (Holm 1979): the chance that any of the
 * findings at or below it is none stays below it. p is not sorted; order holds count. */
void tail_correct(double *p, size_t *order, size_t count);

#endif

/* clause_view.h: a campaign's target clause by clause, for people. */
#ifndef WG_ORCHESTRATOR_CLI_CLAUSE_VIEW_H
#define WG_ORCHESTRATOR_CLI_CLAUSE_VIEW_H

#include "orchestrator/cli/screen.h"

/* "+ region DE", "- tag lab", "? within 250 km of ..: it has no position", a line each. clauses: a
 * list as the API has it, {"clause", "holds"}; borrowed. */
void clause_view_show(const json_t *clauses, struct screen *screen);

#endif

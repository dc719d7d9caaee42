/* openapi.h: schemas/openapi.yaml, compiled in. */
#ifndef WG_ORCHESTRATOR_API_OPENAPI_H
#define WG_ORCHESTRATOR_API_OPENAPI_H

extern const char openapi_text[];

#endif

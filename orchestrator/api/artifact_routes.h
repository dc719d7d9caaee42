/* artifact_routes.h: the one body that is not collected: an artifact on its way into the folder. */
#ifndef WG_ORCHESTRATOR_API_ARTIFACT_ROUTES_H
#define WG_ORCHESTRATOR_API_ARTIFACT_ROUTES_H

#include "orchestrator/api/call.h"

/* The head of a PUT, of somebody who may: the body is wanted, or upload->answered: the artifact was
 * there already. */
WG_MUST_CHECK bool artifact_upload_begin(struct api_call *call, struct http_upload *upload,
                                         struct wg_error *err);

/* Where artifacts are kept on this machine; 501 when nowhere. */
WG_MUST_CHECK bool artifact_folder(struct api_call *call, const char **out, struct wg_error *err);

#endif

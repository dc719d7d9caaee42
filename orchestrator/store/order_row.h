/* order_row.h: what order_take and place_claim say of an order that is issued. Internal to the
 * room.
 */
#ifndef WG_ORCHESTRATOR_STORE_ORDER_ROW_H
#define WG_ORCHESTRATOR_STORE_ORDER_ROW_H

#define ORDER_ROW_COLUMNS 26 /* the first of both, as order_lot_next() reads them */

#endif

/* Shared by wait.c and group.c only. Every function but fw_now_ms is called with the group locked. */
#ifndef FLOCKWORK_GROUP_H
#define FLOCKWORK_GROUP_H

#include "flockwork.h"

struct fw_group {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  fw_wait *first;
  uint32_t last_id;
  int references;
  bool closing;
};

/* How long a cancelled thread gets to answer before it is signalled again. */
enum { FW_RESEND_MS = 1 };

double fw_now_ms(void);
/* Sleeps until the group changes or `ms` passed, on the monotonic clock. */
void fw_group_await_change(fw_group *group, double ms);
/* Gives up one reference; the last one frees the group. */
void fw_group_unlock_and_release(fw_group *group);
/* Takes the wait out of its group, closes its descriptor and frees it. */
void fw_wait_discard(fw_wait *wait);
void fw_wait_cancel_locked(fw_wait *wait);

#endif

/* The waits of one JavaScript environment: their list, their lock, their clock, and how they all end together. */
#include "group.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { CLOSE_MS = 250 };
static const double LONGEST_WAIT_MS = 1e12;

double fw_now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

void fw_group_await_change(fw_group *group, double ms) {
  if (ms > LONGEST_WAIT_MS) {
    pthread_cond_wait(&group->changed, &group->mutex);
    return;
  }
  int64_t nanoseconds = (int64_t)(ms * 1e6);
  struct timespec span = {.tv_sec = (time_t)(nanoseconds / 1000000000), .tv_nsec = (long)(nanoseconds % 1000000000)};
#ifdef __APPLE__
  pthread_cond_timedwait_relative_np(&group->changed, &group->mutex, &span);
#else
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_sec += span.tv_sec;
  until.tv_nsec += span.tv_nsec;
  if (until.tv_nsec >= 1000000000L) {
    until.tv_sec += 1;
    until.tv_nsec -= 1000000000L;
  }
  pthread_cond_timedwait(&group->changed, &group->mutex, &until);
#endif
}

fw_group *fw_group_open(void) {
  fw_group *group = calloc(1, sizeof *group);
  if (group == NULL) return NULL;
  pthread_mutex_init(&group->mutex, NULL);
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
#ifndef __APPLE__
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
#endif
  pthread_cond_init(&group->changed, &attributes);
  pthread_condattr_destroy(&attributes);
  group->references = 1;
  return group;
}

void fw_group_unlock_and_release(fw_group *group) {
  group->references -= 1;
  bool unused = group->references == 0;
  pthread_mutex_unlock(&group->mutex);
  if (!unused) return;
  pthread_cond_destroy(&group->changed);
  pthread_mutex_destroy(&group->mutex);
  free(group);
}

void fw_group_release(fw_group *group) {
  pthread_mutex_lock(&group->mutex);
  fw_group_unlock_and_release(group);
}

void fw_wait_discard(fw_wait *wait) {
  if (wait->previous != NULL) wait->previous->next = wait->next;
  else wait->group->first = wait->next;
  if (wait->next != NULL) wait->next->previous = wait->previous;
  close(wait->fd);
  free(wait->prepared);
  free(wait);
}

void fw_group_close(fw_group *group, void (*on_dropped)(fw_wait *wait, void *context), void *context) {
  pthread_mutex_lock(&group->mutex);
  group->closing = true;
  for (fw_wait *wait = group->first, *next; wait != NULL; wait = next) {
    next = wait->next;
    on_dropped(wait, context);
    if (!wait->finished) continue;
    if (wait->result == FW_GRANTED) fw_unlock(wait->fd); /* granted, but never told */
    fw_wait_discard(wait);
  }
  for (double deadline = fw_now_ms() + CLOSE_MS; group->first != NULL && fw_now_ms() < deadline;) {
    for (fw_wait *wait = group->first; wait != NULL; wait = wait->next) fw_wait_cancel_locked(wait);
    fw_group_await_change(group, FW_RESEND_MS);
  }
  pthread_mutex_unlock(&group->mutex);
}

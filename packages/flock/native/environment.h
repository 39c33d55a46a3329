/* What addon.c and addon-wait.c share: the state of one JavaScript environment, and reading arguments. */
#ifndef FLOCKWORK_ENVIRONMENT_H
#define FLOCKWORK_ENVIRONMENT_H

#include "flockwork.h"

#define NAPI_VERSION 8
#include <node_api.h>

typedef struct {
  fw_group *group;
  napi_env env;
  napi_threadsafe_function wake_javascript; /* made by the first wait; referenced while a wait is pending */
  uint32_t pending;
  int *opened; /* descriptors of locks for one use */
  size_t opened_count, opened_room;
} environment;

napi_value fw_number(napi_env env, int value);
/* Arguments of which the first is a descriptor, an id or another whole number; false after a TypeError was thrown. */
bool fw_read_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *values, int *first,
                       environment **state);
bool fw_read_exclusive(napi_env env, napi_value value);
/* Node-API cuts what does not fit, at a whole character: up to three bytes early. */
enum { FW_LONGEST_PATH = 4095, FW_PATH_BYTES = FW_LONGEST_PATH + 1 + 4 };
/* 0, or a negated errno where the path is no string, too long, or holds a NUL. */
int fw_read_path(napi_env env, napi_value value, char path[FW_PATH_BYTES]);

/* prepare(fd, lockPath, dataPath, ignoredFlaws): what attempt takes, or a negated errno. */
napi_value fw_prepare_lock(napi_env env, napi_callback_info info);
/* attempt(prepared, exclusive): 0, bits, or a negated errno. */
napi_value fw_attempt_lock(napi_env env, napi_callback_info info);

/* openLocked(fileMode, lockPath, dataPath, exclusive, ignoredFlaws): a descriptor, or a negated errno. */
napi_value fw_open_locked_file(napi_env env, napi_callback_info info);
/* closeLocked(fd): 0, or a negated errno. Takes nothing but what openLocked gave. */
napi_value fw_close_locked_file(napi_env env, napi_callback_info info);
void fw_close_opened(environment *state);

/* wait(fd, exclusive, onSettled): an id above zero, or a negated errno. */
napi_value fw_start_wait(napi_env env, napi_callback_info info);
/* waitChecked(prepared, exclusive, onSettled): the same; settles with flaws << FW_FLAWS_SHIFT, too. */
napi_value fw_start_checked_wait(napi_env env, napi_callback_info info);
/* cancel(id): true when the wait is over or its end is on the way to JavaScript. */
napi_value fw_cancel_wait(napi_env env, napi_callback_info info);
/* cancelNow(id): what came of the wait. Its callback still follows, with the same result. */
napi_value fw_cancel_wait_now(napi_env env, napi_callback_info info);
void fw_close_environment(void *state);
void fw_free_environment(napi_env env, void *state, void *hint);

#endif

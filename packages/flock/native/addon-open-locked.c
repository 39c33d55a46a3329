/*
 * Locks for one use as JavaScript sees them. Node knows nothing of descriptors that are opened here, so the environment
 * keeps the list: what it still has open when it ends is closed, as Node does with its own when a Worker ends.
 */
#include "environment.h"

#include <errno.h>
#include <stdlib.h>

/* Room for one more, before there is anything to lose. */
static bool make_room(environment *state) {
  if (state->opened_count < state->opened_room) return true;
  size_t room = state->opened_room == 0 ? 16 : state->opened_room * 2;
  int *opened = realloc(state->opened, room * sizeof *opened);
  if (opened == NULL) return false;
  state->opened = opened;
  state->opened_room = room;
  return true;
}

napi_value fw_open_locked_file(napi_env env, napi_callback_info info) {
  napi_value values[5];
  environment *state;
  char lock_path[FW_PATH_BYTES], data_path[FW_PATH_BYTES];
  int file_mode, ignored_flaws = 0;
  if (!fw_read_arguments(env, info, 5, values, &file_mode, &state)) return NULL;
  napi_get_value_int32(env, values[4], &ignored_flaws);
  int result = fw_read_path(env, values[1], lock_path);
  if (result == 0) result = fw_read_path(env, values[2], data_path);
  if (result == 0 && !make_room(state)) result = -ENOMEM;
  if (result == 0)
    result = fw_open_locked(lock_path, file_mode, fw_read_exclusive(env, values[3]), data_path, ignored_flaws);
  if (result >= 0) state->opened[state->opened_count++] = result;
  return fw_number(env, result);
}

napi_value fw_close_locked_file(napi_env env, napi_callback_info info) {
  napi_value values[1];
  environment *state;
  int fd;
  if (!fw_read_arguments(env, info, 1, values, &fd, &state)) return NULL;
  for (size_t at = state->opened_count; at-- > 0;) {
    if (state->opened[at] != fd) continue;
    state->opened[at] = state->opened[--state->opened_count];
    return fw_number(env, fw_close_locked(fd));
  }
  return fw_number(env, -EBADF); /* not one of ours: it may be anything */
}

void fw_close_opened(environment *state) {
  while (state->opened_count > 0) fw_close_locked(state->opened[--state->opened_count]);
  free(state->opened);
  state->opened = NULL;
  state->opened_room = 0;
}

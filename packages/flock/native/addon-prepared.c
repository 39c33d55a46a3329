/*
 * Prepared locks as JavaScript sees them: an opaque object, freed when it is collected or its environment ends.
 * Not an external: Node leaks 40 bytes for each that is alive when a Worker ends, and it is no faster.
 */
#include "environment.h"

#include <errno.h>
#include <stdlib.h>

static void free_prepared(napi_env env, void *prepared, void *hint) {
  (void)env;
  (void)hint;
  free(prepared);
}

napi_value fw_prepare_lock(napi_env env, napi_callback_info info) {
  napi_value values[4], result = NULL;
  char lock_path[FW_PATH_BYTES], data_path[FW_PATH_BYTES];
  fw_prepared *prepared;
  int fd, ignored_flaws = 0;
  if (!fw_read_arguments(env, info, 4, values, &fd, NULL)) return NULL;
  napi_get_value_int32(env, values[3], &ignored_flaws);
  int error = fw_read_path(env, values[1], lock_path);
  if (error == 0) error = fw_read_path(env, values[2], data_path);
  if (error == 0) error = fw_prepare(fd, lock_path, data_path, ignored_flaws, &prepared);
  if (error < 0) return fw_number(env, error);
  if (napi_create_object(env, &result) == napi_ok &&
      napi_wrap(env, result, prepared, free_prepared, NULL, NULL) == napi_ok)
    return result;
  free(prepared);
  return fw_number(env, -ENOMEM);
}

napi_value fw_attempt_lock(napi_env env, napi_callback_info info) {
  napi_value values[2];
  size_t given = 2;
  void *prepared = NULL;
  napi_get_cb_info(env, info, &given, values, NULL, NULL);
  if (given < 2 || napi_unwrap(env, values[0], &prepared) != napi_ok) return fw_number(env, -EINVAL);
  return fw_number(env, fw_attempt(prepared, fw_read_exclusive(env, values[1])));
}

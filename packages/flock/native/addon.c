/*
 * The JavaScript face of the addon. Functions return numbers as flockwork.h says; src/bindings/addon.ts turns
 * negated errnos into errors. One environment for the main thread and one for each Worker.
 */
#include "environment.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

napi_value fw_number(napi_env env, int value) {
  napi_value result = NULL;
  napi_create_int32(env, value, &result);
  return result;
}

bool fw_read_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *values, int *first,
                           environment **state) {
  size_t given = count;
  napi_get_cb_info(env, info, &given, values, NULL, (void **)state);
  if (given >= count && napi_get_value_int32(env, values[0], first) == napi_ok) return true;
  napi_throw_type_error(env, NULL, "the first argument must be a number, and none may be missing");
  return false;
}

bool fw_read_exclusive(napi_env env, napi_value value) {
  bool exclusive = true;
  napi_get_value_bool(env, value, &exclusive);
  return exclusive;
}

static napi_value try_lock(napi_env env, napi_callback_info info) {
  napi_value values[2];
  int fd;
  if (!fw_read_arguments(env, info, 2, values, &fd, NULL)) return NULL;
  return fw_number(env, fw_try_lock(fd, fw_read_exclusive(env, values[1])));
}

static napi_value unlock(napi_env env, napi_callback_info info) {
  napi_value values[1];
  int fd;
  if (!fw_read_arguments(env, info, 1, values, &fd, NULL)) return NULL;
  return fw_number(env, fw_unlock(fd));
}

static napi_value ofd_try_lock(napi_env env, napi_callback_info info) {
  napi_value values[2];
  int fd;
  if (!fw_read_arguments(env, info, 2, values, &fd, NULL)) return NULL;
  return fw_number(env, fw_ofd_try_lock(fd, fw_read_exclusive(env, values[1])));
}

static napi_value ofd_unlock(napi_env env, napi_callback_info info) {
  napi_value values[1];
  int fd;
  if (!fw_read_arguments(env, info, 1, values, &fd, NULL)) return NULL;
  return fw_number(env, fw_ofd_unlock(fd));
}

int fw_read_path(napi_env env, napi_value value, char path[FW_PATH_BYTES]) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, path, FW_PATH_BYTES, &length) != napi_ok) return -EINVAL;
  if (length > FW_LONGEST_PATH) return -ENAMETOOLONG;
  return strlen(path) == length ? 0 : -EINVAL;
}

static napi_value check_grant(napi_env env, napi_callback_info info) {
  napi_value values[3];
  char lock_path[FW_PATH_BYTES], data_path[FW_PATH_BYTES];
  int fd;
  if (!fw_read_arguments(env, info, 3, values, &fd, NULL)) return NULL;
  int error = fw_read_path(env, values[1], lock_path);
  if (error == 0) error = fw_read_path(env, values[2], data_path);
  return fw_number(env, error < 0 ? error : fw_check_grant(fd, lock_path, data_path));
}

static napi_value wait_sync(napi_env env, napi_callback_info info) {
  napi_value values[3];
  environment *state;
  double timeout_ms = 0;
  int fd;
  if (!fw_read_arguments(env, info, 3, values, &fd, &state)) return NULL;
  napi_get_value_double(env, values[2], &timeout_ms);
  return fw_number(env, fw_wait_blocking(state->group, fd, fw_read_exclusive(env, values[1]), timeout_ms));
}

/* Threads and a signal handler live in this code, so it stays mapped when the Worker that loaded it has gone. */
static void pin_library(void) {
  Dl_info library;
  if (dladdr((void *)pin_library, &library) != 0) dlopen(library.dli_fname, RTLD_NOW | RTLD_NODELETE);
}

NAPI_MODULE_INIT() {
  environment *state = calloc(1, sizeof *state);
  if (state != NULL) state->group = fw_group_open();
  if (state == NULL || state->group == NULL) {
    free(state);
    napi_throw_error(env, NULL, "out of memory");
    return NULL;
  }
  state->env = env;
  pin_library();
  napi_set_instance_data(env, state, fw_free_environment, NULL);
  napi_add_env_cleanup_hook(env, fw_close_environment, state);
  const struct { const char *name; napi_callback call; } functions[] = {
      {"tryLock", try_lock},       {"unlock", unlock},     {"checkGrant", check_grant}, {"waitSync", wait_sync},
      {"prepare", fw_prepare_lock}, {"attempt", fw_attempt_lock},
      {"openLocked", fw_open_locked_file}, {"closeLocked", fw_close_locked_file},
      {"wait", fw_start_wait},        {"waitChecked", fw_start_checked_wait},
      {"cancel", fw_cancel_wait}, {"cancelNow", fw_cancel_wait_now},
      {"ofdTryLock", ofd_try_lock}, {"ofdUnlock", ofd_unlock},
  };
  size_t count = sizeof functions / sizeof functions[0];
  if (!fw_has_ofd()) count -= 2;
  for (size_t index = 0; index < count; index += 1) {
    napi_value function;
    napi_create_function(env, functions[index].name, NAPI_AUTO_LENGTH, functions[index].call, state, &function);
    napi_set_named_property(env, exports, functions[index].name, function);
  }
  return exports;
}

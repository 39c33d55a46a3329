/*
 * The JavaScript face of the addon. Functions return numbers as flockwork.h says; src/bindings/addon.ts turns
 * negated errnos into errors. One fw_group for each environment (the main thread, each Worker).
 */
#include "flockwork.h"

#define NAPI_VERSION 8
#include <node_api.h>

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  fw_group *group;
  napi_env env;
  napi_threadsafe_function wake_javascript; /* made by the first wait; referenced while a wait is pending */
  uint32_t pending;
} environment;

enum { PATH_BYTES = 4096 };

static napi_value number(napi_env env, int value) {
  napi_value result = NULL;
  napi_create_int32(env, value, &result);
  return result;
}

/* Arguments of the common shape (fd, exclusive); false after a TypeError was thrown. */
static bool read_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *values, int *fd,
                           environment **state) {
  size_t given = count;
  napi_get_cb_info(env, info, &given, values, NULL, (void **)state);
  if (given >= count && napi_get_value_int32(env, values[0], fd) == napi_ok) return true;
  napi_throw_type_error(env, NULL, "the first argument must be a file descriptor, and none may be missing");
  return false;
}

static bool read_exclusive(napi_env env, napi_value value) {
  bool exclusive = true;
  napi_get_value_bool(env, value, &exclusive);
  return exclusive;
}

static napi_value try_lock(napi_env env, napi_callback_info info) {
  napi_value values[2];
  int fd;
  if (!read_arguments(env, info, 2, values, &fd, NULL)) return NULL;
  return number(env, fw_try_lock(fd, read_exclusive(env, values[1])));
}

static napi_value unlock(napi_env env, napi_callback_info info) {
  napi_value values[1];
  int fd;
  if (!read_arguments(env, info, 1, values, &fd, NULL)) return NULL;
  return number(env, fw_unlock(fd));
}

static napi_value ofd_try_lock(napi_env env, napi_callback_info info) {
  napi_value values[2];
  int fd;
  if (!read_arguments(env, info, 2, values, &fd, NULL)) return NULL;
  return number(env, fw_ofd_try_lock(fd, read_exclusive(env, values[1])));
}

static napi_value ofd_unlock(napi_env env, napi_callback_info info) {
  napi_value values[1];
  int fd;
  if (!read_arguments(env, info, 1, values, &fd, NULL)) return NULL;
  return number(env, fw_ofd_unlock(fd));
}

/* 0, or a negated errno where the path is no string, too long, or holds a NUL. */
static int read_path(napi_env env, napi_value value, char *path) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, path, PATH_BYTES, &length) != napi_ok) return -EINVAL;
  if (length >= PATH_BYTES - 1) return -ENAMETOOLONG;
  return strlen(path) == length ? 0 : -EINVAL;
}

static napi_value check_grant(napi_env env, napi_callback_info info) {
  napi_value values[3];
  char lock_path[PATH_BYTES], data_path[PATH_BYTES];
  int fd;
  if (!read_arguments(env, info, 3, values, &fd, NULL)) return NULL;
  int error = read_path(env, values[1], lock_path);
  if (error == 0) error = read_path(env, values[2], data_path);
  return number(env, error < 0 ? error : fw_check_grant(fd, lock_path, data_path));
}

static napi_value wait_sync(napi_env env, napi_callback_info info) {
  napi_value values[3];
  environment *state;
  double timeout_ms = 0;
  int fd;
  if (!read_arguments(env, info, 3, values, &fd, &state)) return NULL;
  napi_get_value_double(env, values[2], &timeout_ms);
  return number(env, fw_wait_blocking(state->group, fd, read_exclusive(env, values[1]), timeout_ms));
}

/* On the waiting thread: hands the finished wait to JavaScript. Never runs once the group is closing. */
static void announce(fw_wait *wait, void *context) {
  environment *state = context;
  napi_call_threadsafe_function(state->wake_javascript, wait, napi_tsfn_nonblocking);
}

/* On the JavaScript thread. Without an env the environment is going down, and close_environment has the wait. */
static void settle(napi_env env, napi_value unused, void *context, void *data) {
  environment *state = context;
  fw_wait *wait = data;
  napi_value callback = NULL, receiver = NULL, argument;
  (void)unused;
  if (env == NULL) return;
  napi_ref reference = wait->callback;
  argument = number(env, fw_wait_collect(wait));
  napi_get_reference_value(env, reference, &callback);
  napi_delete_reference(env, reference);
  state->pending -= 1;
  if (state->pending == 0) napi_unref_threadsafe_function(env, state->wake_javascript);
  napi_get_undefined(env, &receiver);
  napi_call_function(env, receiver, callback, 1, &argument, NULL);
}

static napi_status open_channel(napi_env env, environment *state) {
  napi_value name;
  if (state->wake_javascript != NULL) return napi_ok;
  napi_status status = napi_create_string_utf8(env, "flockwork:wait", NAPI_AUTO_LENGTH, &name);
  if (status != napi_ok) return status;
  status = napi_create_threadsafe_function(env, NULL, NULL, name, 0, 1, NULL, NULL, state, settle,
                                           &state->wake_javascript);
  if (status == napi_ok) napi_unref_threadsafe_function(env, state->wake_javascript);
  return status;
}

/* wait(fd, exclusive, onSettled): an id above zero, or a negated errno. */
static napi_value start_wait(napi_env env, napi_callback_info info) {
  napi_value values[3];
  environment *state;
  fw_wait *wait = NULL;
  napi_ref callback;
  int fd;
  if (!read_arguments(env, info, 3, values, &fd, &state)) return NULL;
  if (open_channel(env, state) != napi_ok) return number(env, -ENOMEM);
  if (napi_create_reference(env, values[2], 1, &callback) != napi_ok) return number(env, -EINVAL);
  int error = fw_wait_start(state->group, fd, read_exclusive(env, values[1]), announce, state, callback, &wait);
  if (error < 0) {
    napi_delete_reference(env, callback);
    return number(env, error);
  }
  if (state->pending == 0) napi_ref_threadsafe_function(env, state->wake_javascript);
  state->pending += 1;
  /* The wait may be finished by now, but only this thread collects it, so it is still there. */
  return number(env, (int)wait->id);
}

/* cancel(id): true when the wait is over or its end is on the way to JavaScript. */
static napi_value cancel_wait(napi_env env, napi_callback_info info) {
  napi_value values[1], result = NULL;
  environment *state;
  int id;
  if (!read_arguments(env, info, 1, values, &id, &state)) return NULL;
  napi_get_boolean(env, fw_wait_cancel(state->group, (uint32_t)id), &result);
  return result;
}

/* cancelNow(id): what came of the wait. Its callback still follows, with the same result. */
static napi_value cancel_wait_now(napi_env env, napi_callback_info info) {
  napi_value values[1];
  environment *state;
  int id;
  if (!read_arguments(env, info, 1, values, &id, &state)) return NULL;
  return number(env, fw_wait_cancel_now(state->group, (uint32_t)id));
}

static void drop_callback(fw_wait *wait, void *context) {
  if (wait->callback != NULL) napi_delete_reference(((environment *)context)->env, wait->callback);
  wait->callback = NULL;
}

static void close_environment(void *argument) {
  environment *state = argument;
  fw_group_close(state->group, drop_callback, state);
  if (state->wake_javascript != NULL) napi_release_threadsafe_function(state->wake_javascript, napi_tsfn_abort);
  state->wake_javascript = NULL;
}

static void free_environment(napi_env env, void *argument, void *hint) {
  environment *state = argument;
  (void)env;
  (void)hint;
  fw_group_release(state->group);
  free(state);
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
  napi_set_instance_data(env, state, free_environment, NULL);
  napi_add_env_cleanup_hook(env, close_environment, state);
  const struct { const char *name; napi_callback call; } functions[] = {
      {"tryLock", try_lock},       {"unlock", unlock},     {"checkGrant", check_grant}, {"waitSync", wait_sync},
      {"wait", start_wait},        {"cancel", cancel_wait}, {"cancelNow", cancel_wait_now},
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

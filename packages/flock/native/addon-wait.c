/* Waits as JavaScript sees them: started with a callback, cancelled by id, gone with their environment. */
#include "environment.h"

#include <errno.h>
#include <stdlib.h>

/* On the waiting thread: hands the finished wait to JavaScript. Never runs once the group is closing. */
static void announce(fw_wait *wait, void *context) {
  environment *state = context;
  napi_call_threadsafe_function(state->wake_javascript, wait, napi_tsfn_nonblocking);
}

/* On the JavaScript thread. Without an env the environment is going down, and fw_close_environment has the wait. */
static void settle(napi_env env, napi_value unused, void *context, void *data) {
  environment *state = context;
  fw_wait *wait = data;
  napi_value callback = NULL, receiver = NULL, argument;
  (void)unused;
  if (env == NULL) return;
  napi_ref reference = wait->callback;
  argument = fw_number(env, fw_wait_collect(wait));
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

static napi_value start(napi_env env, environment *state, int fd, const fw_prepared *prepared, napi_value exclusive,
                        napi_value on_settled) {
  fw_wait *wait = NULL;
  napi_ref callback;
  if (open_channel(env, state) != napi_ok) return fw_number(env, -ENOMEM);
  if (napi_create_reference(env, on_settled, 1, &callback) != napi_ok) return fw_number(env, -EINVAL);
  int error = fw_wait_start(state->group, fd, prepared, fw_read_exclusive(env, exclusive), announce, state, callback,
                            &wait);
  if (error < 0) {
    napi_delete_reference(env, callback);
    return fw_number(env, error);
  }
  if (state->pending == 0) napi_ref_threadsafe_function(env, state->wake_javascript);
  state->pending += 1;
  /* The wait may be finished by now, but only this thread collects it, so it is still there. */
  return fw_number(env, (int)wait->id);
}

napi_value fw_start_wait(napi_env env, napi_callback_info info) {
  napi_value values[3];
  environment *state;
  int fd;
  if (!fw_read_arguments(env, info, 3, values, &fd, &state)) return NULL;
  return start(env, state, fd, NULL, values[1], values[2]);
}

napi_value fw_start_checked_wait(napi_env env, napi_callback_info info) {
  napi_value values[3];
  size_t given = 3;
  environment *state;
  void *prepared = NULL;
  napi_get_cb_info(env, info, &given, values, NULL, (void **)&state);
  if (given < 3 || napi_unwrap(env, values[0], &prepared) != napi_ok) return fw_number(env, -EINVAL);
  return start(env, state, ((fw_prepared *)prepared)->fd, prepared, values[1], values[2]);
}

napi_value fw_cancel_wait(napi_env env, napi_callback_info info) {
  napi_value values[1], result = NULL;
  environment *state;
  int id;
  if (!fw_read_arguments(env, info, 1, values, &id, &state)) return NULL;
  napi_get_boolean(env, fw_wait_cancel(state->group, (uint32_t)id), &result);
  return result;
}

napi_value fw_cancel_wait_now(napi_env env, napi_callback_info info) {
  napi_value values[1];
  environment *state;
  int id;
  if (!fw_read_arguments(env, info, 1, values, &id, &state)) return NULL;
  return fw_number(env, fw_wait_cancel_now(state->group, (uint32_t)id));
}

static void drop_callback(fw_wait *wait, void *context) {
  if (wait->callback != NULL) napi_delete_reference(((environment *)context)->env, wait->callback);
  wait->callback = NULL;
}

void fw_close_environment(void *argument) {
  environment *state = argument;
  fw_group_close(state->group, drop_callback, state);
  fw_close_opened(state);
  if (state->wake_javascript != NULL) napi_release_threadsafe_function(state->wake_javascript, napi_tsfn_abort);
  state->wake_javascript = NULL;
}

void fw_free_environment(napi_env env, void *argument, void *hint) {
  environment *state = argument;
  (void)env;
  (void)hint;
  fw_group_release(state->group);
  free(state);
}

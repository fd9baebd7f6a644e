// Objects of the program's that live as long as something refers to them: the program itself, or a graph.
#include "graph.hpp"
#include "state.hpp"

using simt::set_error;

namespace {
void release(cudaUserObject_t object, unsigned count) {
  if ((object->count -= count) != 0) return;
  object->destroy(object->object);
  delete object;
}
}  // namespace

simt::UserObjects::UserObjects(const UserObjects& other) : counts(other.counts) {
  for (auto& [object, count] : counts) object->count += count;
}
simt::UserObjects::~UserObjects() {
  for (auto& [object, count] : counts) release(object, count);
}

cudaError_t cudaUserObjectCreate(cudaUserObject_t* out, void* object, cudaHostFn_t destroy, unsigned count,
                                 unsigned flags) {
  if (!out || !destroy || !count || flags != cudaUserObjectNoDestructorSync)
    return set_error(cudaErrorInvalidValue);
  *out = new CUuserObject_st{object, destroy, count};
  return cudaSuccess;
}
cudaError_t cudaUserObjectRetain(cudaUserObject_t object, unsigned count) {
  if (!object || !count) return set_error(cudaErrorInvalidValue);
  object->count += count;
  return cudaSuccess;
}
cudaError_t cudaUserObjectRelease(cudaUserObject_t object, unsigned count) {
  if (!object || !count || count > object->count) return set_error(cudaErrorInvalidValue);
  release(object, count);
  return cudaSuccess;
}
cudaError_t cudaGraphRetainUserObject(cudaGraph_t graph, cudaUserObject_t object, unsigned count,
                                      unsigned flags) {
  if (!graph || !object || !count || (flags & ~unsigned{cudaGraphUserObjectMove}))
    return set_error(cudaErrorInvalidValue);
  if (!(flags & cudaGraphUserObjectMove)) object->count += count;  // else: the caller's
  if (!graph->objects) graph->objects = std::make_shared<simt::UserObjects>();
  graph->objects->counts[object] += count;
  return cudaSuccess;
}
cudaError_t cudaGraphReleaseUserObject(cudaGraph_t graph, cudaUserObject_t object, unsigned count) {
  if (!graph || !object || !count || !graph->objects) return set_error(cudaErrorInvalidValue);
  auto held = graph->objects->counts.find(object);
  if (held == graph->objects->counts.end() || held->second < count) return set_error(cudaErrorInvalidValue);
  if ((held->second -= count) == 0) graph->objects->counts.erase(held);
  release(object, count);
  return cudaSuccess;
}

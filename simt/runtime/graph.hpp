#pragma once
// What the parts of the API for graphs share.
#include <map>
#include <memory>

#include "simt/launch.hpp"
#include "stream.hpp"

struct CUuserObject_st {
  void* object;
  cudaHostFn_t destroy;
  unsigned count;  // of references to it
};

namespace simt {

/// A graph's references to objects of the program's.
struct UserObjects {
  std::map<cudaUserObject_t, unsigned> counts;
  UserObjects() = default;
  UserObjects(const UserObjects& other);
  ~UserObjects();
};

void copy_nodes(const CUgraph_st& from, CUgraph_st& to);
std::shared_ptr<CUgraph_st> copy_of(const CUgraph_st& graph);
/// The node of a copied graph that was made from `node`; null where there is none.
CUgraphNode_st* node_in(const CUgraph_st& graph, cudaGraphNode_t node);

/// Adds a node, or says what is wrong with what was given.
cudaError_t add_node_to(cudaGraph_t graph, cudaGraphNode_t* out, const cudaGraphNode_t* needs,
                        std::size_t count, cudaGraphNodeType type, std::function<void()> work);

/// A child graph's work.
std::function<void()> work_of(std::shared_ptr<const CUgraph_st> child);
/// What a node is to launch, or to copy.
void set_kernel(CUgraphNode_st& node, const LaunchSite& site, const Config& config,
                std::shared_ptr<const Kernel> bound);
cudaMemcpy3DParms copy_params(void* to, const void* from, const struct Rows& rows, cudaMemcpyKind kind);

}  // namespace simt

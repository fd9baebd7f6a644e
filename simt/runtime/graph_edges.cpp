// How the nodes of a graph hang together.
#include <algorithm>
#include <cstdio>
#include <memory>

#include "state.hpp"
#include "stream.hpp"

using simt::set_error;

#if CUDART_VERSION >= 13000  // data of edges is of kernels that start early: here none does
#define EDGE_DATA , cudaGraphEdgeData*
#define CONST_EDGE_DATA , const cudaGraphEdgeData*
#else
#define EDGE_DATA
#define CONST_EDGE_DATA
#endif

namespace {

/// Puts each node after those it needs; false, and no change, where they are in a cycle.
bool order(CUgraph_st& graph) {
  std::vector<CUgraphNode_st*> ordered;
  const auto placed = [&](const CUgraphNode_st* n) {
    return std::count(ordered.begin(), ordered.end(), n) != 0;
  };
  while (ordered.size() < graph.nodes.size()) {
    const auto next = std::find_if(graph.nodes.begin(), graph.nodes.end(), [&](const auto& n) {
      return !placed(n.get()) && std::all_of(n->needs.begin(), n->needs.end(), placed);
    });
    if (next == graph.nodes.end()) return false;
    ordered.push_back(next->get());
  }
  std::sort(graph.nodes.begin(), graph.nodes.end(), [&](const auto& a, const auto& b) {
    return std::find(ordered.begin(), ordered.end(), a.get()) <
           std::find(ordered.begin(), ordered.end(), b.get());
  });
  return true;
}

/// As the API gives lists: their length alone where there is no room for them.
cudaError_t give(const std::vector<CUgraphNode_st*>& found, cudaGraphNode_t* nodes, size_t* count) {
  if (nodes) std::copy_n(found.begin(), std::min(*count, found.size()), nodes);
  *count = found.size();
  return cudaSuccess;
}

}  // namespace

cudaError_t cudaGraphAddDependencies(cudaGraph_t graph, const cudaGraphNode_t* from,
                                     const cudaGraphNode_t* to CONST_EDGE_DATA, size_t count) {
  if (!graph || (count && (!from || !to))) return set_error(cudaErrorInvalidValue);
  for (size_t i = 0; i < count; ++i) to[i]->needs.push_back(from[i]);
  if (order(*graph)) return cudaSuccess;
  for (size_t i = 0; i < count; ++i) to[i]->needs.pop_back();
  return set_error(cudaErrorInvalidValue);
}
cudaError_t cudaGraphRemoveDependencies(cudaGraph_t graph, const cudaGraphNode_t* from,
                                        const cudaGraphNode_t* to CONST_EDGE_DATA, size_t count) {
  if (!graph || (count && (!from || !to))) return set_error(cudaErrorInvalidValue);
  for (size_t i = 0; i < count; ++i)
    if (std::erase(to[i]->needs, from[i]) == 0) return set_error(cudaErrorInvalidValue);
  return cudaSuccess;
}
cudaError_t cudaGraphDestroyNode(cudaGraphNode_t node) {
  if (!node) return set_error(cudaErrorInvalidValue);
  auto& nodes = node->graph->nodes;
  for (auto& other : nodes) std::erase(other->needs, node);
  std::erase_if(nodes, [node](const auto& n) { return n.get() == node; });
  return cudaSuccess;
}
cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t* nodes, size_t* count) {
  if (!graph || !count) return set_error(cudaErrorInvalidValue);
  std::vector<CUgraphNode_st*> found;
  for (auto& node : graph->nodes) found.push_back(node.get());
  return give(found, nodes, count);
}
cudaError_t cudaGraphGetRootNodes(cudaGraph_t graph, cudaGraphNode_t* nodes, size_t* count) {
  if (!graph || !count) return set_error(cudaErrorInvalidValue);
  std::vector<CUgraphNode_st*> found;
  for (auto& node : graph->nodes)
    if (node->needs.empty()) found.push_back(node.get());
  return give(found, nodes, count);
}
cudaError_t cudaGraphGetEdges(cudaGraph_t graph, cudaGraphNode_t* from, cudaGraphNode_t* to EDGE_DATA,
                              size_t* count) {
  if (!graph || !count || !from != !to) return set_error(cudaErrorInvalidValue);
  std::vector<CUgraphNode_st*> begins, ends;
  for (auto& node : graph->nodes)
    for (CUgraphNode_st* need : node->needs) begins.push_back(need), ends.push_back(node.get());
  size_t room = *count;
  give(begins, from, &room);
  return give(ends, to, count);
}
cudaError_t cudaGraphNodeGetDependencies(cudaGraphNode_t node, cudaGraphNode_t* nodes EDGE_DATA,
                                         size_t* count) {
  if (!node || !count) return set_error(cudaErrorInvalidValue);
  return give(node->needs, nodes, count);
}
cudaError_t cudaGraphNodeGetDependentNodes(cudaGraphNode_t node, cudaGraphNode_t* nodes EDGE_DATA,
                                           size_t* count) {
  if (!node || !count) return set_error(cudaErrorInvalidValue);
  std::vector<CUgraphNode_st*> found;
  for (auto& other : node->graph->nodes)
    if (std::count(other->needs.begin(), other->needs.end(), node)) found.push_back(other.get());
  return give(found, nodes, count);
}

/// In Graphviz's language: what kind of node comes after which.
cudaError_t cudaGraphDebugDotPrint(cudaGraph_t graph, const char* path, unsigned) {
  if (!graph || !path) return set_error(cudaErrorInvalidValue);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path, "w"), std::fclose);
  if (!file) return set_error(cudaErrorOperatingSystem);
  constexpr const char* kinds[] = {"KERNEL",     "MEMCPY",       "MEMSET", "HOST", "GRAPH",     "EMPTY",
                                   "WAIT EVENT", "EVENT RECORD", "SIGNAL", "WAIT", "MEM ALLOC", "MEM FREE"};
  const auto number = [graph](const CUgraphNode_st* node) {
    return int(
        std::find_if(graph->nodes.begin(), graph->nodes.end(), [node](auto& n) { return n.get() == node; }) -
        graph->nodes.begin());
  };
  std::fputs("digraph dot {\n", file.get());
  for (auto& node : graph->nodes) {
    const char* kind = size_t(node->type) < std::size(kinds) ? kinds[node->type] : "OTHER";
    std::fprintf(file.get(), "  node%d [label=\"%s\"];\n", number(node.get()), kind);
    for (const CUgraphNode_st* need : node->needs)
      std::fprintf(file.get(), "  node%d -> node%d;\n", number(need), number(node.get()));
  }
  std::fputs("}\n", file.get());
  return cudaSuccess;
}

package io.turboprop.store;

import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;

/**
 * A node that has started another execution, and sleeps until that has ended.
 *
 * @param execution the execution of the node
 */
public record ParentNode(ExecutionId execution, NodePath node) {}

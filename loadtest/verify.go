package main

import (
	"context"
	"fmt"

	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/admin"
	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/core"
)

// requireEachStepOnce checks that every execution has all its task nodes, that each succeeded, and that it did so in
// exactly one attempt.
func (s *session) requireEachStepOnce(ctx context.Context, nodes [][]*admin.NodeExecution, length int) error {
	return forEach(ctx, len(nodes), func(ctx context.Context, index int) error {
		seen := make(map[string]bool)
		for _, node := range nodes[index] {
			if err := s.requireSucceededOnce(ctx, node); err != nil {
				return err
			}
			seen[node.GetId().GetNodeId()] = true
		}
		if len(seen) != length || len(nodes[index]) != length {
			return fmt.Errorf("an execution has %d node executions of %d nodes, and should have %d", len(nodes[index]), len(seen), length)
		}
		return nil
	})
}

func (s *session) requireSucceededOnce(ctx context.Context, node *admin.NodeExecution) error {
	name := node.GetId().GetExecutionId().GetName() + "/" + node.GetId().GetNodeId()
	if phase := node.GetClosure().GetPhase(); phase != core.NodeExecution_SUCCEEDED {
		return fmt.Errorf("node %s is %s", name, phase)
	}
	attempts, err := s.client.attemptsOf(ctx, node.GetId())
	if err != nil {
		return err
	}
	succeeded := 0
	for _, attempt := range attempts {
		if attempt.GetClosure().GetPhase() == core.TaskExecution_SUCCEEDED {
			succeeded++
		}
	}
	if succeeded != 1 {
		return fmt.Errorf("node %s has %d attempts that succeeded, of %d", name, succeeded, len(attempts))
	}
	return nil
}

package io.turboprop.workflow.plan;

import io.turboprop.data.Values;

/**
 * Which part of the inputs of an array node one of its elements gets.
 *
 * @param index from 0
 * @param inputs of the array node, with all lists whole
 */
public record Element(int index, NodeKind.Array array, Values inputs) {}

package io.turboprop.workflow.plan;

import io.turboprop.data.Values;

/**
 * One element of an array node, with the inputs of the whole array.
 *
 * @param index from 0
 * @param inputs the inputs of the array node, with whole lists
 */
public record Element(int index, NodeKind.Array array, Values inputs) {}

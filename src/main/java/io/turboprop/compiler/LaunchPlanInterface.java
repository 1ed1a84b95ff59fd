package io.turboprop.compiler;

import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanSpec;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.Interface.Parameter;
import flyteidl.core.Interface.ParameterMap;
import flyteidl.core.Interface.TypedInterface;
import flyteidl.core.Interface.VariableMap;

/**
 * What a launch plan expects and gives: all that the compiler needs of it.
 *
 * @param expectedInputs an input is mandatory where its parameter says {@code required}
 */
public record LaunchPlanInterface(
    Identifier id, ParameterMap expectedInputs, VariableMap expectedOutputs) {

  /**
   * Derives it from what a client registers, as FlyteAdmin does: fixed inputs are no longer
   * expected, inputs with a default may be given, all others of the workflow must be.
   */
  public static LaunchPlanInterface derive(
      Identifier id, LaunchPlanSpec spec, TypedInterface workflow) {
    var expected = ParameterMap.newBuilder();
    workflow
        .getInputs()
        .getVariablesMap()
        .forEach((name, variable) ->
            expected.putParameters(
                name, Parameter.newBuilder().setVar(variable).setRequired(true).build()));
    expected.putAllParameters(spec.getDefaultInputs().getParametersMap());
    spec.getFixedInputs().getLiteralsMap().keySet().forEach(expected::removeParameters);
    return new LaunchPlanInterface(id, expected.build(), workflow.getOutputs());
  }
}

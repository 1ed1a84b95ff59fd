package io.turboprop.compiler;

import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanSpec;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.Interface.Parameter;
import flyteidl.core.Interface.ParameterMap;
import flyteidl.core.Interface.TypedInterface;
import flyteidl.core.Interface.VariableMap;

/**
 * The inputs and outputs of a launch plan, as the compiler needs them.
 *
 * @param expectedInputs the inputs; an input is mandatory if its parameter is {@code required}
 */
public record LaunchPlanInterface(
    Identifier id, ParameterMap expectedInputs, VariableMap expectedOutputs) {

  /**
   * Derives the interface from a registered launch plan, as FlyteAdmin does: fixed inputs are not
   * expected, inputs with a default are optional, and all other inputs of the workflow are
   * required.
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

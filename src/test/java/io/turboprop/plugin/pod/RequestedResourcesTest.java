package io.turboprop.plugin.pod;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubernetes.client.custom.Quantity;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1ResourceRequirements;
import java.math.BigDecimal;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class RequestedResourcesTest {

  @Test
  void containersAddUp() {
    var pod =
        new V1PodSpec()
            .overhead(null)
            .addContainersItem(container("1").resources(both("1", "2")))
            .addContainersItem(container("500m"))
            .addContainersItem(new V1Container());
    assertThat(RequestedResources.of(pod))
        .hasSize(4)
        .hasEntrySatisfying("pods", is("1"))
        .hasEntrySatisfying("cpu", is("1.5"))
        .hasEntrySatisfying("requests.cpu", is("1.5"))
        .hasEntrySatisfying("limits.cpu", is("2"));
  }

  @Test
  void theLargestInitContainerCountsIfItIsMore() {
    var pod =
        new V1PodSpec()
            .overhead(null)
            .addContainersItem(container("1"))
            .addInitContainersItem(container("3"))
            .addInitContainersItem(container("2"));
    assertThat(RequestedResources.of(pod)).hasEntrySatisfying("cpu", is("3"));
    pod.addContainersItem(container("4"));
    assertThat(RequestedResources.of(pod)).hasEntrySatisfying("cpu", is("5"));
  }

  @Test
  void aSidecarRunsBesideAllThatComeAfterIt() {
    var pod =
        new V1PodSpec()
            .overhead(null)
            .addContainersItem(container("1"))
            .addInitContainersItem(container("2"))
            .addInitContainersItem(container("1").restartPolicy("Always"));
    assertThat(RequestedResources.of(pod)).hasEntrySatisfying("cpu", is("2"));
    pod.addInitContainersItem(container("2"));
    assertThat(RequestedResources.of(pod)).hasEntrySatisfying("cpu", is("3"));
  }

  @Test
  void theOverheadOfTheRuntimeClassComesOnTop() {
    var pod =
        new V1PodSpec()
            .overhead(quantities("250m"))
            .addContainersItem(container("1").resources(both("1", "2")));
    assertThat(RequestedResources.of(pod))
        .hasEntrySatisfying("cpu", is("1.25"))
        .hasEntrySatisfying("limits.cpu", is("2.25"));
    assertThat(RequestedResources.of(new V1PodSpec().overhead(quantities("250m"))))
        .hasEntrySatisfying("requests.cpu", is("0.25"))
        .doesNotContainKey("limits.cpu");
  }

  private static V1Container container(String requested) {
    return new V1Container()
        .resources(new V1ResourceRequirements().requests(quantities(requested)));
  }

  private static V1ResourceRequirements both(String requested, String limit) {
    return new V1ResourceRequirements().requests(quantities(requested)).limits(quantities(limit));
  }

  private static Map<String, Quantity> quantities(String cpu) {
    return Map.of("cpu", new Quantity(cpu));
  }

  private static Consumer<BigDecimal> is(String amount) {
    return actual -> assertThat(actual).isEqualByComparingTo(amount);
  }
}

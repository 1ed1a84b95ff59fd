package io.turboprop.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ErrorTextTest {

  @Test
  void ofFlytekitsErrorsTheMessageBelowTheTraceIsKept() {
    var message =
        """
        Trace:

            Traceback (most recent call last):
              raise ValueError("no")
            ValueError: no

        Message:

            ValueError: no
        """;

    assertThat(ErrorText.brief(message)).isEqualTo("ValueError: no");
  }

  @Test
  void ofOthersTheBeginningIsKept() {
    assertThat(ErrorText.brief("exit code 3\n\nlast lines:\na\nb\nc"))
        .isEqualTo("exit code 3\nlast lines:\na\nb");
  }
}

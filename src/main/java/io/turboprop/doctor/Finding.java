package io.turboprop.doctor;

/**
 * A finding of an examination.
 *
 * @param subject the examined subject, in a word or two
 * @param text a sentence; for a warning or a problem, it ends with the remedy
 */
public record Finding(Verdict verdict, String subject, String text) {

  /** The severity of a finding. */
  public enum Verdict {
    /** The subject is in order. */
    OK,
    /** An engine starts, but its operator should know this. */
    WARNING,
    /** An engine does not start, or does not work. */
    PROBLEM
  }

  static Finding ok(String subject, String text) {
    return new Finding(Verdict.OK, subject, text);
  }

  static Finding warning(String subject, String text) {
    return new Finding(Verdict.WARNING, subject, text);
  }

  static Finding problem(String subject, String text) {
    return new Finding(Verdict.PROBLEM, subject, text);
  }
}

package io.turboprop.kubernetes.client;

import io.turboprop.setting.BackOff;
import java.time.Duration;

/**
 * How all objects of a kind are watched.
 *
 * @param pageSize the entries of a page of a list
 * @param listAgainAfter how long a list serves at most
 * @param retry the pauses after failures
 */
public record WatchSettings(int pageSize, Duration listAgainAfter, BackOff retry) {}

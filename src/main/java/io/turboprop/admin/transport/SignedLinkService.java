package io.turboprop.admin.transport;

import com.linecorp.armeria.server.HttpService;

/**
 * A service that answers only requests whose link this server has signed. The link itself is the
 * permission, so pages of other origins may open it, and show what is there in a frame.
 */
public interface SignedLinkService extends HttpService {}

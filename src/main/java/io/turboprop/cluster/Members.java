package io.turboprop.cluster;

import io.turboprop.store.ClusterTables;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The nodes of the cluster as the database sees them, by its clock: a node lives while its session
 * holds a lock there and it was seen in the last ten seconds. So a node that has died, or that the
 * database has not heard of for that long, is not among the members, whatever the other nodes think
 * of it.
 */
public final class Members {
  private final ClusterTables tables;
  private final int self;

  Members(ClusterTables tables, int self) {
    this.tables = tables;
    this.self = self;
  }

  /**
   * A node that lives.
   *
   * @param id unique for ever: the same process started again has another
   * @param address host:port of remoting
   * @param api the address of its API
   */
  public record Member(
      int id,
      String address,
      Set<Role> roles,
      String version,
      URI api,
      Instant startedAt,
      Instant seenAt) {}

  /** The id of this node. */
  public int self() {
    return self;
  }

  /** The nodes that live now, the oldest first. Blocks. */
  public List<Member> live() {
    return tables.live().stream().map(Members::member).toList();
  }

  private static Member member(ClusterTables.Node node) {
    return new Member(
        node.id(),
        node.address(),
        node.roles().stream().map(Role::of).collect(Collectors.toUnmodifiableSet()),
        node.version(),
        URI.create(node.api()),
        node.startedAt(),
        node.seenAt());
  }
}

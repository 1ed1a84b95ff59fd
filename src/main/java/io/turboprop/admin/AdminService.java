package io.turboprop.admin;

import flyteidl.service.AdminServiceGrpc;
import io.turboprop.admin.definitions.Definitions;
import io.turboprop.admin.executions.ExecutionService;
import io.turboprop.admin.transport.RpcTable;

/** The service {@code flyteidl.service.AdminService}: definitions and executions. */
public final class AdminService {
  private AdminService() {}

  /** The table of the service; a method without a function answers {@code UNIMPLEMENTED}. */
  public static RpcTable table(Definitions definitions, ExecutionService executions) {
    var table = new RpcTable(AdminServiceGrpc.getServiceDescriptor());
    definitions.bindTo(table);
    executions.bindTo(table);
    return table;
  }
}
